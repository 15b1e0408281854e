"""The wish to stop: set by a signal, read between iterations. Free of torch."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopFlag:
    """Whether the process was asked to end."""

    def __init__(self) -> None:
        self.requested = False

    def request(self) -> None:
        """Ask for the end: the current iteration is finished and saved first."""
        self.requested = True


class StageInterrupted(Exception):
    """Raised between two iterations when the flag is set.

    Attributes:
        iteration: finished iterations that a checkpoint holds; 0 where the next attempt begins anew.
    """

    def __init__(self, iteration: int) -> None:
        super().__init__(f"stopped after iteration {iteration}")
        self.iteration = iteration


@contextmanager
def stop_on_signals(flag: StopFlag) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C set the flag; a second Ctrl-C ends at once. Only for the main thread."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and flag.requested:
            raise KeyboardInterrupt
        flag.request()

    previous = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
