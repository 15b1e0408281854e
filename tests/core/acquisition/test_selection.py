from __future__ import annotations

import math

import pytest

from core.acquisition.selection import Pick, select_highest, select_per_group

NAMES = ["d", "b", "a", "c"]
ALL = [True] * 4


def test_the_highest_come_first_and_ties_go_to_the_first_name() -> None:
    picks = select_highest([0.5, 0.9, 0.5, 0.5], NAMES, 3, ALL)

    assert picks == [Pick(1, 0.9, 0), Pick(2, 0.5, 1), Pick(3, 0.5, 2)]


def test_unavailable_images_are_never_chosen_and_the_selection_ends_with_the_pool() -> None:
    picks = select_highest([math.nan, 0.2, 0.1, 0.3], NAMES, 10, [False, True, True, False])

    assert [pick.index for pick in picks] == [1, 2]


def test_a_budget_of_0_and_an_empty_pool_choose_nothing() -> None:
    assert select_highest([1.0], ["a"], 0, [True]) == []
    assert select_highest([], [], 5, []) == []
    assert select_per_group([], [], [], {"x": 2}, []) == []


@pytest.mark.parametrize(("last_first", "chosen"), [(False, 1), (True, 0)])
def test_each_group_gives_its_quota_and_ties_go_by_name(last_first: bool, chosen: int) -> None:
    # Group x: b (index 1) and d (index 0) tie at 0.5; group y has one image for a quota of 2; z has no quota.
    values, groups, quota = [0.5, 0.5, 0.7, 0.9], ["x", "x", "y", "z"], {"x": 1, "y": 2}
    picks = select_per_group(values, NAMES, groups, quota, ALL, last_first=last_first)

    assert picks == [Pick(2, 0.7, 0), Pick(chosen, 0.5, 0)]
    assert select_highest(values[:2], NAMES[:2], 1, ALL[:2], last_first=last_first) == [Pick(chosen, 0.5, 0)]


def test_ranks_count_within_the_group() -> None:
    picks = select_per_group([0.1, 0.4, 0.3, 0.2], NAMES, ["x", "y", "x", "y"], {"x": 2, "y": 1}, ALL)

    assert picks == [Pick(1, 0.4, 0), Pick(2, 0.3, 0), Pick(0, 0.1, 1)]


def test_what_cannot_be_selected_from_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        select_highest([1.0], ["a"], -1, [True])
    with pytest.raises(ValueError, match="'a' is 2 times"):
        select_highest([1.0, 2.0], ["a", "a"], 1, [True, True])
    with pytest.raises(ValueError, match="'b' has no number"):
        select_highest([1.0, math.nan], ["a", "b"], 1, [True, True])
    with pytest.raises(ValueError, match="one of each for every image"):
        select_highest([1.0], ["a", "b"], 1, [True])
    with pytest.raises(ValueError, match="quota of group 'x' is -1"):
        select_per_group([1.0], ["a"], ["x"], {"x": -1}, [True])
    with pytest.raises(ValueError, match="1 images have a value and 0 a group"):
        select_per_group([1.0], ["a"], [], {}, [True])
