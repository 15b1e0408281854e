"""Which images and windows are chosen within a budget."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.acquisition.catalog import AcquisitionName, QuotaRule
from core.acquisition.image_choice import choose_images
from core.acquisition.options import AcquisitionOptions
from core.acquisition.part_choice import PartRule
from core.acquisition.pool import Pool, PoolImage
from core.acquisition.pool_values import PoolValues
from core.errors import ConfigError
from core.streams.budgets import BudgetUnit


def pool_of(names: str, labelled: str = "", set_aside: str = "") -> Pool:
    """Images `a1 a2 b1 …`, grouped by their first letter."""

    def read(_: int) -> PoolImage:
        raise AssertionError("a choice among values reads no image")

    listed = names.split()
    return Pool(
        listed, [name[0] for name in listed], [name in labelled.split() for name in listed], read, set_aside.split()
    )


def chosen(
    pool: Pool, values: list[float], amount: float, unit: BudgetUnit = BudgetUnit.IMAGES, **options: object
) -> list[str]:
    found = PoolValues(np.array(values), np.zeros(2, np.int64), None)
    choice = choose_images(pool, found, AcquisitionOptions.model_validate(options), amount, unit)
    return [pool.names[one.position] for one in choice.images]


def test_each_group_gives_its_share_by_value() -> None:
    """Four of six are open, three of them in a: of a budget of two, a gives 1.5 and b 0.5; the tie goes to a."""
    pool = pool_of("a1 a2 a3 a4 b1 b2", labelled="a1 b1")

    assert chosen(pool, [9, 1, 2, 3, 9, 8], 2) == ["a4", "a3"]
    assert chosen(pool, [9, 1, 2, 3, 9, 8], 3) == ["b2", "a4", "a3"]


def test_without_groups_the_best_are_chosen_whatever_their_group() -> None:
    pool = pool_of("a1 a2 b1 b2")

    assert chosen(pool, [1, 2, 3, 4], 2, stratify=False) == ["b2", "b1"]


@pytest.mark.parametrize("stratify", [True, False])
@pytest.mark.parametrize(("names", "last"), [("a1 a2 b1 b2", "b2"), ("a1 a2", "a2")])
def test_ties_go_to_the_last_name_for_the_published_score_and_else_to_the_first(
    names: str, last: str, stratify: bool
) -> None:
    pool, equal = pool_of(names), [5.0] * len(names.split())

    assert chosen(pool, equal, 1, stratify=stratify) == ([last] if not stratify or names == "a1 a2" else ["a2"])
    assert chosen(pool, equal, 1, stratify=stratify, name="entropy") == ["a1"]


def test_what_is_set_aside_is_asked_for_neither_by_value_nor_by_quota() -> None:
    pool = pool_of("a1 a2 b1 b2", set_aside="a1 a2")

    assert chosen(pool, [9, 8, 1, 2], 2) == ["b2", "b1"]
    assert chosen(pool, [9, 8, 1, 2], 2, stratify=False) == ["b2", "b1"]
    # The budget is that of the pool, of which only these two may be asked for.
    assert chosen(pool, [9, 8, 1, 2], 3, stratify=False) == ["b2", "b1"]


def test_core_set_leaves_out_what_is_set_aside() -> None:
    pool = pool_of("a1 a2 a3 a4", labelled="a1", set_aside="a4")
    values = PoolValues(np.zeros(4), np.zeros(2, np.int64), torch.tensor([[0.0], [1.0], [5.0], [9.0]]))

    choice = choose_images(pool, values, AcquisitionOptions(name=AcquisitionName.CORESET), 3, BudgetUnit.IMAGES)

    assert [one.position for one in choice.images] == [2, 1]


def test_a_group_without_open_images_gives_none() -> None:
    pool = pool_of("a1 a2 b1", labelled="b1")

    assert chosen(pool, [1, 2, 3], 2) == ["a2", "a1"]


def test_an_image_without_open_pixels_is_never_chosen() -> None:
    pool = pool_of("a1 a2")

    assert chosen(pool, [np.nan, 0.1], 2) == ["a2"]


def test_the_published_quota_may_leave_some_of_the_budget() -> None:
    """round(2 · 3/4) = 2 for a, and nothing is left for b; with one open image in a, only that one is taken."""
    pool = pool_of("a1 a2 a3 b1")

    assert chosen(pool, [1, 2, 3, 9], 2, quota=QuotaRule.PUBLISHED) == ["a3", "a2"]
    # l_a = 2: round(3 · 1/4) = 1 for a, 2 for b, which has but one.
    assert chosen(pool_of("a1 a2 a3 b1", "a1 a2"), [1, 2, 3, 9], 2, quota=QuotaRule.PUBLISHED) == ["b1"]


def test_percent_counts_all_images_of_the_target() -> None:
    pool = pool_of("a1 a2 a3 a4", labelled="a1")

    # 50 % of four images.
    assert chosen(pool, [9, 1, 2, 3], 50, BudgetUnit.PERCENT_IMAGES) == ["a4", "a3"]


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(3, BudgetUnit.IMAGES), (0, BudgetUnit.IMAGES), (0.5, BudgetUnit.IMAGES), (5, BudgetUnit.PIXELS)],
)
def test_a_budget_that_cannot_be_spent_is_pointed_at(amount: float, unit: BudgetUnit) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen(pool_of("a1 a2"), [1, 2], amount, unit)

    assert caught.value.pointer == "/stream/budgets"


def test_core_set_takes_what_is_farthest_and_says_how_far_the_rest_is() -> None:
    """On a line at 0 (labelled), 1, 5, 9: first 9, then 5, and 1 stays at a distance of 1."""
    pool = pool_of("a1 a2 a3 a4", labelled="a1")
    values = PoolValues(np.zeros(4), np.zeros(2, np.int64), torch.tensor([[0.0], [1.0], [5.0], [9.0]]))

    choice = choose_images(pool, values, AcquisitionOptions(name=AcquisitionName.CORESET), 2, BudgetUnit.IMAGES)

    assert [one.position for one in choice.images] == [3, 2]
    assert choice.cover_radius == 1.0


def rule(name: AcquisitionName, amount: float, unit: BudgetUnit, radius: int = 1) -> PartRule:
    return PartRule(AcquisitionOptions(name=name, radius=radius), amount, unit, None, Path())


def test_windows_are_counted_by_their_pixels() -> None:
    """2.2 % of 100 x 90 pixels are 198: 22 windows of 9; of 25 pixels it takes 8."""
    percent = BudgetUnit.PERCENT_PIXELS_PER_IMAGE

    assert rule(AcquisitionName.RIPU_RA, 2.2, percent).count((100, 90)) == 22
    assert rule(AcquisitionName.RIPU_RA, 2.2, percent, radius=2).count((100, 90)) == 8
    assert rule(AcquisitionName.RIPU_RA, 1e-6, percent).count((100, 90)) == 1


@pytest.mark.parametrize("size", [(32, 48), (97, 113), (720, 1280), (1024, 2048)])
def test_a_number_of_pixels_is_kept_to_the_pixel(size: tuple[int, int]) -> None:
    for pixels in (1, 3, 7, 21, 40):
        assert rule(AcquisitionName.RIPU_PA, pixels, BudgetUnit.PIXELS).count(size) == pixels


def test_a_number_of_regions_is_windows_or_pixels_of_each_image() -> None:
    assert rule(AcquisitionName.RIPU_RA, 3, BudgetUnit.REGIONS).count((32, 48)) == 3
    assert rule(AcquisitionName.RIPU_PA, 3, BudgetUnit.REGIONS).count((32, 48)) == 3


@pytest.mark.parametrize(
    ("amount", "unit"), [(0.5, BudgetUnit.REGIONS), (101, BudgetUnit.PERCENT_PIXELS_PER_IMAGE), (2, BudgetUnit.IMAGES)]
)
def test_a_budget_of_parts_that_cannot_be_spent_is_pointed_at(amount: float, unit: BudgetUnit) -> None:
    with pytest.raises(ConfigError) as caught:
        rule(AcquisitionName.RIPU_RA, amount, unit).count((10, 10))

    assert caught.value.pointer == "/stream/budgets"
