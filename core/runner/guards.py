"""Two guards that end a stage process with its supervisor, however that one ended (stack.md 3). Free of torch."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when the thread that started it ends; Linux only.

    Catches what the heartbeat cannot: code that holds the interpreter's lock for so long that no other thread runs.

    Args:
        parent_pid: the supervisor; when it is no longer the parent, it died before we could ask, and we leave.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(f"the supervising process {parent_pid} is gone")


def watch_heartbeat(descriptor: int) -> None:
    """Kill the whole process group when the other end of an inherited pipe is closed.

    Catches what the kernel's signal cannot: processes that this one has started.
    """
    threading.Thread(target=_kill_group_at_end_of_file, args=(descriptor,), name="heartbeat", daemon=True).start()


def _kill_group_at_end_of_file(descriptor: int) -> None:
    while os.read(descriptor, 64):
        pass
    os.killpg(0, signal.SIGKILL)
