"""The worker of the all-in-one service: a child process that is restarted when it dies, and ended in order."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO

logger = logging.getLogger(__name__)

YIELD_LIMIT_S = 120.0
"""Seconds for a worker to checkpoint and give its stage back (OPS-6)."""
SETTLED_S = 60.0
"""A worker that lives so long counts as healthy; the restart waits then begin anew."""
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
_PR_SET_PDEATHSIG = 1


def worker_command() -> Sequence[str]:
    """Return the command of a worker that ends with this process."""
    return (sys.executable, "-m", "palimpsest.service.cli", "worker", "--parent-pid", str(os.getpid()))


class WorkerChild:
    """Keeps one worker process alive.

    Args:
        output: the worker's output; None shares this process's output.
        command: returns the worker's command.
    """

    def __init__(self, *, output: IO[str] | None = None, command: Callable[[], Sequence[str]] = worker_command) -> None:
        self._output = output
        self._command = command
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        # The kernel ends the worker with the thread that started it, so one thread starts it and waits for it.
        self._thread = threading.Thread(target=self._keep_alive, name="worker-child")

    @property
    def pid(self) -> int | None:
        """Process id of the current worker; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the worker, and restart it whenever it dies."""
        self._thread.start()

    def stop(self) -> None:
        """Let the worker checkpoint and give its stage back; if it takes too long, kill it with its stage."""
        self._stopping.set()
        if self._thread.is_alive():
            self._send(signal.SIGTERM)
            self._thread.join(YIELD_LIMIT_S)
            self.kill()
            self._thread.join()

    def kill(self) -> None:
        """End the worker at once; its guards end the stage process."""
        self._stopping.set()
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(number)

    def _keep_alive(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            started = time.monotonic()
            status = self._run_once()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > SETTLED_S:
                wait_s = FIRST_WAIT_S
            logger.warning("the worker ended with status %d; the next one starts in %.0f s", status, wait_s)
            self._stopping.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def _run_once(self) -> int:
        # Use a separate session: Ctrl-C reaches only the service, which then ends the worker in order.
        self._process = subprocess.Popen(
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT if self._output else None,
            start_new_session=True,
        )
        if self._stopping.is_set():
            self._send(signal.SIGTERM)
        return self._process.wait()


def end_with_parent(parent_pid: int) -> None:
    """Make the kernel send SIGTERM to this process when the service dies, so that its stage is saved; Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(f"the service, process {parent_pid}, is gone")
