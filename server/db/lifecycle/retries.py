"""Whether an attempt that did not succeed is tried again, and when (SM-4, SM-5)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import ReasonCode
from server.db.models import Attempt
from server.db.states import AttemptState
from server.settings import Settings

JITTER = 0.2
"""Waits are spread by ±20 %, so that stages which failed together do not return together."""

NEVER_RETRIED = frozenset(
    {
        ReasonCode.USER_CODE_ERROR,
        ReasonCode.CONFIG_ERROR,
        ReasonCode.DATA_ERROR,
        ReasonCode.NON_FINITE_LOSS,
        # Their policy is to fail: unchanged, the stage would only run into the same limit again.
        ReasonCode.GPU_OUT_OF_MEMORY,
        ReasonCode.STALLED,
        ReasonCode.TIMEOUT,
        ReasonCode.CANCELLED_BY_USER,
    }
)
RETRIED_ONCE = frozenset({ReasonCode.HOST_OUT_OF_MEMORY, ReasonCode.INTERNAL})

COUNTED_STATES = frozenset({AttemptState.FAILED, AttemptState.LOST, AttemptState.FENCED})
"""Endings that use up an attempt; a yielded one does not."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often a stage is tried again, and how soon.

    Attributes:
        max_attempts: failed or lost attempts in a series before the stage fails.
        waits_s: wait after the first, second, ... of them; the last value holds for all further ones.
    """

    max_attempts: int = 3
    waits_s: tuple[float, ...] = (10.0, 60.0)

    @classmethod
    def of(cls, settings: Settings) -> RetryPolicy:
        """Return the policy that the settings ask for."""
        return cls(settings.max_attempts, tuple(settings.retry_waits_s))

    def wait_s(self, reason: str, series: Sequence[Attempt]) -> float | None:
        """Return the seconds to wait before the next attempt, or None when there is to be none.

        A full disk is no fault of the stage: it waits for space however often, and uses up no attempt.

        Args:
            reason: why the last attempt ended.
            series: the attempts of the present series, the last one with them.
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
