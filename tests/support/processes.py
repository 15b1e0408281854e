"""Looking at processes from outside."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and waits for its parent does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_pending(pid: int, number: signal.Signals) -> bool:
    """Whether a signal was sent to a stopped process, which will get it when it goes on."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    masks = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigPnd:", "ShdPnd:"))]
    return any(mask >> (number - 1) & 1 for mask in masks)
