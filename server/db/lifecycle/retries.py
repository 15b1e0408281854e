"""Decide whether and when an unsuccessful attempt is retried (SM-4, SM-5)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import ReasonCode
from server.db.models import Attempt
from server.db.states import AttemptState
from server.settings import Settings

JITTER = 0.2
"""Waits vary by ±20 %, so that stages that failed together do not return together."""

NEVER_RETRIED = frozenset(
    {
        ReasonCode.USER_CODE_ERROR,
        ReasonCode.CONFIG_ERROR,
        ReasonCode.DATA_ERROR,
        ReasonCode.NON_FINITE_LOSS,
        # These reasons fail at once: an unchanged stage would reach the same limit again.
        ReasonCode.GPU_OUT_OF_MEMORY,
        ReasonCode.STALLED,
        ReasonCode.TIMEOUT,
        ReasonCode.CANCELLED_BY_USER,
    }
)
RETRIED_ONCE = frozenset({ReasonCode.HOST_OUT_OF_MEMORY, ReasonCode.INTERNAL})

COUNTED_STATES = frozenset({AttemptState.FAILED, AttemptState.LOST, AttemptState.FENCED})
"""Endings that use up an attempt; a yield does not."""


@dataclass(frozen=True)
class RetryPolicy:
    """Number of retries of a stage, and their waits.

    Attributes:
        max_attempts: failed or lost attempts in a series before the stage fails.
        waits_s: waits after the first, second, ... of these attempts; the last value holds for all further ones.
    """

    max_attempts: int = 3
    waits_s: tuple[float, ...] = (10.0, 60.0)

    @classmethod
    def of(cls, settings: Settings) -> RetryPolicy:
        """Return the policy in the settings."""
        return cls(settings.max_attempts, tuple(settings.retry_waits_s))

    def wait_s(self, reason: str, series: Sequence[Attempt]) -> float | None:
        """Return the seconds to wait before the next attempt, or None for no further attempt.

        A full disk is not the stage's fault: the stage waits for space any number of times, and uses up no attempt.

        Args:
            reason: why the last attempt ended.
            series: the attempts of the current series, including the last one.
        """
        ended = [attempt for attempt in series if attempt.state in COUNTED_STATES]
        with_reason = sum(attempt.reason == reason for attempt in ended)
        if reason == ReasonCode.DISK_FULL:
            return self._wait_after(with_reason)
        used = [attempt for attempt in ended if attempt.reason != ReasonCode.DISK_FULL]
        is_spent = len(used) >= self.max_attempts or (reason in RETRIED_ONCE and with_reason > 1)
        if reason in NEVER_RETRIED or is_spent:
            return None
        if reason == ReasonCode.WORKER_LOST and with_reason == 1:
            return 0.0
        return self._wait_after(len(used))

    def _wait_after(self, attempts: int) -> float:
        wait = self.waits_s[min(attempts, len(self.waits_s)) - 1]
        return wait * random.uniform(1 - JITTER, 1 + JITTER)
