from __future__ import annotations

import random

import pytest

from core.errors import ReasonCode
from server.db.lifecycle import RetryPolicy
from server.db.models import Attempt
from server.settings import Settings

ALWAYS = {"worker_lost", "storage_error", "disk_full"}
ONCE = {"host_out_of_memory", "internal"}


def _series(*endings: tuple[str, str | None]) -> list[Attempt]:
    return [Attempt(state=state, reason=reason) for state, reason in endings]


@pytest.mark.parametrize("reason", [reason.value for reason in ReasonCode])
def test_first_failure_is_retried_for_passing_reasons_only(reason: str) -> None:
    wait_s = RetryPolicy().wait_s(reason, _series(("failed", reason)))

    assert (wait_s is not None) == (reason in ALWAYS | ONCE)


@pytest.mark.parametrize("reason", sorted(ALWAYS | ONCE))
def test_second_failure_for_the_same_reason_is_retried_unless_once_was_the_rule(reason: str) -> None:
    wait_s = RetryPolicy().wait_s(reason, _series(("failed", reason), ("failed", reason)))

    assert (wait_s is not None) == (reason in ALWAYS)


@pytest.mark.parametrize("reason", sorted(ALWAYS - {"disk_full"}))
def test_third_failure_in_a_series_is_the_last(reason: str) -> None:
    assert RetryPolicy().wait_s(reason, _series(*[("failed", reason)] * 3)) is None


def test_a_full_disk_is_waited_for_however_often_and_uses_up_no_attempt() -> None:
    full = [("failed", "disk_full")] * 20

    again = RetryPolicy(waits_s=(10, 60)).wait_s("disk_full", _series(*full))
    another = RetryPolicy(waits_s=(10, 60)).wait_s("storage_error", _series(*full, ("failed", "storage_error")))

    assert again is not None and 48 <= again <= 72
    assert another is not None and 8 <= another <= 12


def test_waits_are_10_and_60_seconds_give_or_take_a_fifth() -> None:
    random.seed(7)
    policy = RetryPolicy()
    first = [policy.wait_s("storage_error", _series(("failed", "storage_error"))) for _ in range(500)]
    second = [policy.wait_s("storage_error", _series(*[("failed", "storage_error")] * 2)) for _ in range(500)]

    firsts = [wait for wait in first if wait is not None]
    seconds = [wait for wait in second if wait is not None]
    assert (len(firsts), len(seconds)) == (500, 500)
    assert 8 <= min(firsts) < 8.2 and 11.8 < max(firsts) <= 12
    assert 48 <= min(seconds) < 49 and 71 < max(seconds) <= 72


def test_first_lost_worker_costs_no_wait_and_the_second_does() -> None:
    policy = RetryPolicy(waits_s=(10, 60))

    first = policy.wait_s("worker_lost", _series(("lost", "worker_lost")))
    second = policy.wait_s("worker_lost", _series(("fenced", "worker_lost"), ("lost", "worker_lost")))

    assert first == 0
    assert second is not None
    assert 48 <= second <= 72


def test_a_lost_worker_after_another_failure_is_still_the_first_lost_one() -> None:
    series = _series(("failed", "storage_error"), ("lost", "worker_lost"))

    assert RetryPolicy().wait_s("worker_lost", series) == 0


def test_yielded_attempts_do_not_count() -> None:
    yielded = [("yielded", None)] * 5

    wait_s = RetryPolicy(max_attempts=2).wait_s("storage_error", _series(*yielded, ("failed", "storage_error")))

    assert wait_s is not None
    assert 8 <= wait_s <= 12


def test_the_last_wait_holds_for_all_further_attempts() -> None:
    policy = RetryPolicy(max_attempts=10, waits_s=(1, 5))

    wait_s = policy.wait_s("storage_error", _series(*[("failed", "storage_error")] * 6))

    assert wait_s is not None
    assert 4 <= wait_s <= 6


def test_the_policy_is_that_of_the_settings() -> None:
    policy = RetryPolicy.of(Settings(max_attempts=5, retry_waits_s=[0.5]))

    assert policy == RetryPolicy(max_attempts=5, waits_s=(0.5,))
