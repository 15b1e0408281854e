"""The stage process: it has its own session and a life line to the worker, and ends with the worker."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import core
from core.stage.folder import LOG_FILE

log = logging.getLogger(__name__)

SIGNS_IN_SILENCE = 10
"""Number of signs of life within the silence after which a child ends."""


@dataclass(frozen=True)
class Guards:
    """Settings of the guards that end a child together with its worker.

    Attributes:
        heartbeat_fd: descriptor of the life line; the worker holds the other end.
        silence_s: seconds without a sign of life after which the child ends itself.
    """

    heartbeat_fd: int
    silence_s: float

    def arguments(self) -> Sequence[str]:
        """Return the options of `python -m core stage` and `check-data`."""
        life_line = ("--heartbeat-fd", str(self.heartbeat_fd), "--silence-s", f"{self.silence_s:g}")
        return ("--parent-pid", str(os.getpid()), *life_line)


CommandBuilder = Callable[[Path, Guards], Sequence[str]]
"""(stage folder, guards) -> command that runs the stage."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
SETTINGS_PREFIX = "PALIMPSEST_"


def stage_command(folder: Path, guards: Guards) -> Sequence[str]:
    """Return the command of a real stage."""
    return (sys.executable, "-m", "core", "stage", str(folder), *guards.arguments())


def stage_environment(threads: int, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment, with fixed thread counts and without the service's settings (passwords)."""
    kept = {key: value for key, value in inherited.items() if not key.startswith(SETTINGS_PREFIX)}
    return kept | dict.fromkeys(THREAD_VARIABLES, str(threads)) | {"PYTHONUNBUFFERED": "1"}


def killed_by(number: int) -> str:
    """Return a text that names the signal that killed a process."""
    name = signal.Signals(number).name if number in signal.valid_signals() else "unknown"
    return f"killed by signal {number} ({name})"


class StageProcess:
    """A running stage. The thread that creates it must also wait for it, because the child dies with that thread.

    Two guards end the child with the worker, however the worker ends: the child sets PR_SET_PDEATHSIG, and it reads a
    pipe whose other end only the worker holds. Processes that the child started die with its process group. A frozen
    worker sends no signs of life through the pipe, and the child ends before another worker can get its stage.
    """

    def __init__(
        self, folder: Path, *, threads: int, silence_s: float = 60.0, command: CommandBuilder = stage_command
    ) -> None:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        self._life_line = os.fdopen(writer, "wb", buffering=0)
        try:
            with (folder / LOG_FILE).open("ab") as output:
                self._process = subprocess.Popen(
                    command(folder, Guards(reader, silence_s)),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(reader,),
                    cwd=Path(core.__file__).parent.parent,
                    env=stage_environment(threads, os.environ),
                )
        except BaseException:
            self._life_line.close()
            raise
        finally:
            os.close(reader)
        self._asked_at: float | None = None
        self._is_killed = False
        self._is_closed = threading.Event()
        signs = threading.Thread(target=self._send_signs, args=(silence_s / SIGNS_IN_SILENCE,), daemon=True)
        signs.start()
        self._signs = signs

    @property
    def pid(self) -> int:
        """Process id, which is also the process group's id."""
        return self._process.pid

    @property
    def returncode(self) -> int:
        """Exit status; negative = minus the signal. Read it only after the process has ended."""
        if self._process.returncode is None:
            raise RuntimeError(f"stage process {self.pid} has not ended yet")
        return self._process.returncode

    @property
    def was_killed(self) -> bool:
        """Whether the worker sent SIGKILL while the process was running."""
        return self._is_killed

    def ends_within(self, seconds: float) -> bool:
        """Wait at most `seconds` for the process to end; return whether it ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask_to_stop(self, grace_s: float) -> None:
        """Send SIGTERM to ask for a checkpoint and an orderly end; kill the process `grace_s` after the first call."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._signal(signal.SIGTERM)
        elif time.monotonic() - self._asked_at >= grace_s:
            self.kill()

    def kill(self) -> None:
        """Kill the process and its process group."""
        if self._process.poll() is None:
            self._is_killed = True
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Kill the rest of the process group, even after success: data loaders may outlive their parent."""
        self.kill()
        self._process.wait()
        self._is_closed.set()
        self._signs.join()
        self._life_line.close()

    def _send_signs(self, interval_s: float) -> None:
        """Show the child that this worker is not frozen, even while its other threads wait."""
        while not self._is_closed.wait(interval_s):
            # A full pipe takes no sign and needs none. The pipe breaks when the child ends.
            with contextlib.suppress(BrokenPipeError):
                self._life_line.write(b".")

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
