"""Rate limits: token buckets in the memory of one process (AUTH-6)."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST_KEYS = 10_000


@dataclass(frozen=True)
class Verdict:
    """Whether a request may pass, and the values of its rate-limit headers.

    Attributes:
        is_allowed: whether the request may pass.
        limit: requests per minute.
        remaining: whole requests left now.
        retry_after_s: seconds until the next request may pass; 0 if it may pass now.
    """

    is_allowed: bool
    limit: int
    remaining: int
    retry_after_s: int

    def headers(self) -> dict[str, str]:
        """Return the response headers."""
        rate = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.retry_after_s or math.ceil(60 / self.limit)),
        }
        return rate if self.is_allowed else {**rate, "Retry-After": str(self.retry_after_s)}


class Buckets:
    """One bucket for each key; a bucket holds a minute's requests and refills evenly.

    Args:
        per_minute: requests per minute; they may come all at once.
        clock: monotonic clock in seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> Verdict:
        """Take one request from a bucket, if any is left."""
        now = self._clock()
        with self._lock:
            level, at = self._buckets.get(key, (float(self._per_minute), now))
            level = min(float(self._per_minute), level + (now - at) * self._per_minute / 60)
            is_allowed = level >= 1
            level -= is_allowed
            self._buckets.pop(key, None)
            self._buckets[key] = (level, now)
            if len(self._buckets) > MOST_KEYS:
                # Drop the least recently used bucket, which is mostly full again.
                del self._buckets[next(iter(self._buckets))]
        wait_s = 0 if is_allowed else math.ceil((1 - level) * 60 / self._per_minute)
        return Verdict(is_allowed, self._per_minute, int(level), wait_s)
