"""Ctrl-C and SIGTERM: the first signal asks for an orderly end, a second one ends at once."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class EndRequest:
    """Receives the signals while its context is open; main thread only.

    Args:
        at_once: called on the second signal, to end without waiting.

    Attributes:
        is_made: whether an end was requested.
    """

    def __init__(self, at_once: Callable[[], None]) -> None:
        self._at_once = at_once
        self._interrupts = False
        self._before: dict[signal.Signals, Any] = {}
        self.is_made = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._receive) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run_until_asked(self, action: Callable[[], None]) -> None:
        """Run an action, and interrupt it when an end is requested; no other code is interrupted."""
        try:
            self._interrupts = True
            if not self.is_made:
                action()
        except KeyboardInterrupt:
            logger.info("asked to end")
        finally:
            self._interrupts = False

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_made:
            self._at_once()
            return
        self.is_made = True
        if self._interrupts:
            raise KeyboardInterrupt
