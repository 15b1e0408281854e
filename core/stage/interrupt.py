"""The request to stop: set by a signal, read between iterations. Free of torch."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopFlag:
    """Whether the process was asked to stop."""

    def __init__(self) -> None:
        self.requested = False

    def request(self) -> None:
        """Request a stop. The current iteration is finished and saved first."""
        self.requested = True


class StageInterrupted(Exception):
    """Raised between two iterations when the flag is set.

    Attributes:
        iteration: iterations in the last checkpoint; 0 if the next attempt starts from the beginning.
    """

    def __init__(self, iteration: int) -> None:
        super().__init__(f"stopped after iteration {iteration}")
        self.iteration = iteration


@contextmanager
def stop_on_signals(flag: StopFlag) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C set the flag; a second Ctrl-C ends the process at once. Main thread only."""

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
