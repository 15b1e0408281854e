from __future__ import annotations

from server.auth import limits
from server.auth.limits import Buckets


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_holds_a_minutes_requests_and_fills_evenly() -> None:
    clock = Clock()
    buckets = Buckets(5, clock)
    first = [buckets.take("ann") for _ in range(6)]
    clock.now += 11.9
    early = buckets.take("ann")
    clock.now += 0.2
    later = buckets.take("ann")

    assert [verdict.is_allowed for verdict in first] == [True] * 5 + [False]
    assert [verdict.remaining for verdict in first] == [4, 3, 2, 1, 0, 0]
    assert first[-1].headers() == {
        "RateLimit-Limit": "5", "RateLimit-Remaining": "0", "RateLimit-Reset": "12", "Retry-After": "12",
    }  # fmt: skip
    assert (early.is_allowed, early.retry_after_s, later.is_allowed) == (False, 1, True)
    assert "Retry-After" not in later.headers()


def test_every_key_has_its_own_and_the_oldest_is_forgotten() -> None:
    buckets = Buckets(1, Clock())
    taken = [buckets.take(str(number)).is_allowed for number in range(limits.MOST_KEYS + 1)]

    assert all(taken)
    assert buckets.take("0").is_allowed
    assert not buckets.take(str(limits.MOST_KEYS)).is_allowed
