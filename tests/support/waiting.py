"""Waiting for what other processes do, without fixed sleeps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

POLL_S = 0.02


def wait_until(condition: Callable[[], Found], timeout_s: float = 30.0, what: str = "") -> Found:
    """Return the first true value of `condition`; raises TimeoutError that names what was waited for."""
    deadline, pause = time.monotonic() + timeout_s, threading.Event()
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what or condition} was not so within {timeout_s:g} s")
        pause.wait(POLL_S)
    return found
