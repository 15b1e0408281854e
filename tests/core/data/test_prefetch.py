"""Work done ahead."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from core.data.prefetch import prefetched


def square(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number * number


def prefetch_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("prefetch")]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_results_come_in_order(workers: int) -> None:
    assert list(prefetched((partial(square, i) for i in range(20)), workers)) == [i * i for i in range(20)]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_exception_surfaces_in_its_turn(workers: int) -> None:
    results = prefetched([partial(square, i) for i in (1, 2, -3, 4)], workers)

    assert [next(results), next(results)] == [1, 4]
    with pytest.raises(ValueError, match="-3 is negative"):
        next(results)
    assert prefetch_threads() == []


def test_threads_end_when_the_consumer_stops_early() -> None:
    results = prefetched((partial(square, i) for i in range(1000)), workers=2)
    next(results)

    assert prefetch_threads() != []
    results.close()
    assert prefetch_threads() == []


@pytest.mark.parametrize("ahead", [1, 4])
def test_no_more_calls_are_taken_than_allowed(ahead: int) -> None:
    taken: list[int] = []

    def calls() -> Iterator[Callable[[], int]]:
        for number in range(50):
            taken.append(number)
            yield partial(square, number)

    results = prefetched(calls(), workers=1, ahead=ahead)
    next(results)

    assert taken == list(range(ahead + 1))
    results.close()


def test_nothing_to_do_gives_nothing() -> None:
    nothing: list[Callable[[], int]] = []

    assert list(prefetched(nothing)) == []
