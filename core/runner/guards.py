"""Guards that end a process when its supervisor has ended or frozen. Free of torch."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when the thread that started it ends; Linux only.

    This covers a case that the heartbeat cannot: code that holds the interpreter's lock, so that no other thread runs.

    Args:
        parent_pid: the supervisor. If it is no longer the parent, it died before this call, and this process exits.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(f"the supervising process {parent_pid} is gone")


def watch_heartbeat(descriptor: int, silence_s: float | None = None) -> None:
    """Kill the whole process group when the other end of an inherited pipe is closed, or silent for too long.

    This covers cases that the kernel's signal cannot: child processes of this process, and a frozen supervisor while
    another one takes over.

    Args:
        descriptor: read end of the pipe; any data is a sign of life.
        silence_s: longest time between two signs of life; None if the supervisor sends none.
    """
    arguments = (descriptor, silence_s)
    threading.Thread(target=_kill_group_after_the_last, args=arguments, name="heartbeat", daemon=True).start()


def _kill_group_after_the_last(descriptor: int, silence_s: float | None) -> None:
    signs = select.poll()
    signs.register(descriptor, select.POLLIN)
    timeout_ms = None if silence_s is None else silence_s * 1000
    while signs.poll(timeout_ms):
        if not os.read(descriptor, 4096):
            break
    else:
        words = f"the worker was silent for {silence_s:g} s: this process ends, for another may be in its place\n"
        os.write(sys.stderr.fileno(), words.encode())
    os.killpg(0, signal.SIGKILL)
