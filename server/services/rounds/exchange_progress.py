"""Progress reports of exports and imports."""

from __future__ import annotations

import time
from collections.abc import Callable

Tell = Callable[[int, int], None]
"""Called with the number of finished answers or files, and their total."""
EVERY_S = 0.25


def in_silence(done: int, total: int) -> None:
    """Report nothing."""


class Progress:
    """Counts finished items; reports the count now and then, and at the end."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._total, self._tell = total, tell
        self._done, self._told_at = 0, time.monotonic()
        tell(0, total)

    def step(self) -> None:
        """Count one more item."""
        self._done += 1
        now = time.monotonic()
        if now - self._told_at >= EVERY_S or self._done == self._total:
            self._told_at = now
            self._tell(self._done, self._total)
