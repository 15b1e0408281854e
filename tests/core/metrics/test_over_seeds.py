from __future__ import annotations

import math

import pytest

from core.metrics.over_seeds import PairedDifference, SeedStatistic, over_seeds, paired_difference


def test_mean_and_sample_deviation_of_three_seeds() -> None:
    found = over_seeds([0.2, 0.4, 0.9])

    # Mean 1.5 / 3 = 0.5; squares 0.09 + 0.01 + 0.16 = 0.26, divided by 3 - 1.
    assert found.mean == pytest.approx(0.5)
    assert found.std == pytest.approx(math.sqrt(0.13))
    assert (found.n, found.undefined) == (3, 0)


def test_one_seed_has_no_deviation() -> None:
    assert over_seeds([0.25]) == SeedStatistic(0.25, None, 1, 0)


def test_no_seed_has_neither() -> None:
    assert over_seeds([]) == SeedStatistic(None, None, 0, 0)


@pytest.mark.parametrize("undefined", [None, math.nan, math.inf, -math.inf])
def test_an_undefined_value_is_counted_and_left_out(undefined: float | None) -> None:
    assert over_seeds([0.2, undefined, 0.4]) == SeedStatistic(
        pytest.approx(0.3), pytest.approx(math.sqrt(0.02)), n=2, undefined=1
    )


def test_a_score_that_is_undefined_in_every_seed_has_no_mean() -> None:
    assert over_seeds([None, math.nan]) == SeedStatistic(None, None, 0, 2)


def test_equal_values_deviate_by_nothing() -> None:
    assert over_seeds([0.1] * 7).std == 0.0


def test_difference_is_paired_by_seed() -> None:
    found = paired_difference({0: 0.5, 1: 0.7, 3: 0.9}, {0: 0.4, 1: 0.4, 2: 0.1})

    # Seeds 0 and 1 are shared: 0.1 and 0.3.
    assert found == PairedDifference(pytest.approx(0.2), pytest.approx(math.sqrt(0.02)), n=2)


def test_a_seed_that_is_undefined_on_either_side_is_not_shared() -> None:
    found = paired_difference({0: 0.5, 1: None, 2: 0.3}, {0: 0.4, 1: 0.4, 2: math.nan})

    assert found == PairedDifference(pytest.approx(0.1), None, n=1)


def test_without_shared_seeds_there_is_no_difference() -> None:
    assert paired_difference({0: 0.5}, {1: 0.4}) == PairedDifference(None, None, 0)
