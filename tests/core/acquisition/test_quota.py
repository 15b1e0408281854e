from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.acquisition.quota import largest_remainder_quota, published_quota


def test_what_is_left_goes_to_the_largest_remainders() -> None:
    # 10·(7, 5, 3)/15 = 4.67, 3.33, 2.00: floors 4, 3, 2, and the one left goes to the first.
    assert largest_remainder_quota([7, 5, 3], 10) == [5, 3, 2]


def test_equal_remainders_go_to_the_earlier_group() -> None:
    assert largest_remainder_quota([4, 4, 4], 4) == [2, 1, 1]


@pytest.mark.parametrize(("available", "budget", "expected"), [([3, 2], 9, [3, 2]), ([0, 0], 4, [0, 0]), ([], 4, [])])
def test_a_budget_over_the_supply_takes_all(available: list[int], budget: int, expected: list[int]) -> None:
    assert largest_remainder_quota(available, budget) == expected


def test_a_budget_of_0_takes_nothing() -> None:
    assert largest_remainder_quota([3, 2], 0) == [0, 0]


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(0, 400))
def test_the_sum_is_exact_and_no_group_gives_more_than_it_has(available: list[int], budget: int) -> None:
    quota = largest_remainder_quota(available, budget)

    assert sum(quota) == min(budget, sum(available))
    assert all(0 <= share <= count for share, count in zip(quota, available, strict=True))


def test_the_published_rule_rounds_half_to_even_and_leaves_the_rest_to_the_last() -> None:
    # 2·(1, 3, 4)/8 = 0.25, 0.75, and the last gets 2 − 0 − 1; 4·(1, 3, 4)/8 = 0.5 -> 0, 1.5 -> 2, 4 − 2.
    assert published_quota([1, 3, 4], [0, 0, 0], 2) == [0, 1, 1]
    assert published_quota([1, 3, 4], [0, 0, 0], 4) == [0, 2, 2]


def test_the_published_rule_can_go_negative_for_the_last_group() -> None:
    # 3·3/13 = 0.69 is rounded up four times, so the last gets 3 − 4.
    assert published_quota([3, 3, 3, 3, 1], [0, 0, 0, 0, 0], 3) == [1, 1, 1, 1, -1]


def test_a_city_without_images_gives_nothing_wherever_it_stands() -> None:
    # 4·5/8 = 2.5 and 4·3/8 = 1.5: equal remainders, so the earlier has 3; rounded half to even both are 2.
    for place in range(3):
        available, shares = [5, 3], [3, 1]
        available.insert(place, 0)
        shares.insert(place, 0)
        assert largest_remainder_quota(available, 4) == shares
    assert published_quota([5, 0, 3], [0, 0, 0], 4) == [2, 0, 2]
    assert published_quota([5, 3, 0], [0, 0, 0], 4) == [2, 2, 0]


def test_no_groups_and_empty_groups_have_a_published_quota_too() -> None:
    assert published_quota([], [], 3) == []
    assert published_quota([0, 0], [0, 0], 0) == [0, 0]


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        largest_remainder_quota([1], -1)
    with pytest.raises(ValueError, match="more are labelled than it holds"):
        published_quota([1, 2], [2, 0], 1)
    with pytest.raises(ValueError, match="give both for each"):
        published_quota([1, 2], [0], 1)
