from __future__ import annotations

import numpy as np
import pytest
from skimage import measure

from core.acquisition.budgets import (
    OverBudgetError,
    Spent,
    check_spending,
    images_in_budget,
    pixel_share_in_budget,
    spent_on,
    total_spent,
)
from core.streams.budgets import BudgetUnit


@pytest.mark.parametrize(("percent", "images"), [(1.0, 30), (2.2, 65), (0.001, 1)])
def test_percents_count_all_images(percent: float, images: int) -> None:
    # 1 % of 2975 is 29.75, 2.2 % is 65.45: the published 30 and 65.
    assert images_in_budget(percent, BudgetUnit.PERCENT_IMAGES, 2975, 2975) == images


def test_a_percentage_below_one_image_buys_one_and_the_last_image_may_be_bought() -> None:
    assert images_in_budget(1, BudgetUnit.PERCENT_IMAGES, pool_images=10, total_images=20) == 1
    assert images_in_budget(50, BudgetUnit.PERCENT_IMAGES, pool_images=10, total_images=20) == 10
    assert images_in_budget(10, BudgetUnit.IMAGES, pool_images=10, total_images=20) == 10


def test_whole_images_are_taken_as_they_are() -> None:
    assert images_in_budget(35, BudgetUnit.IMAGES, 2945, 2975) == 35


@pytest.mark.parametrize(
    ("amount", "unit", "message"),
    [
        (0, BudgetUnit.IMAGES, "over 0"),
        (0, BudgetUnit.PERCENT_IMAGES, "over 0"),
        (0.5, BudgetUnit.IMAGES, "no number of images"),
        (101, BudgetUnit.PERCENT_IMAGES, "20 images and the pool has 10"),
        (-2, BudgetUnit.PERCENT_IMAGES, "over 0"),
        (11, BudgetUnit.IMAGES, "11 images and the pool has 10"),
        (60, BudgetUnit.PERCENT_IMAGES, "12 images and the pool has 10"),
        (2.5, BudgetUnit.IMAGES, "no number of images"),
        (2, BudgetUnit.PIXELS, "no number of images"),
    ],
)
def test_budgets_of_images_that_cannot_be_spent_are_refused(amount: float, unit: BudgetUnit, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        images_in_budget(amount, unit, pool_images=10, total_images=20)


@pytest.mark.parametrize(
    ("images", "amount", "unit"),
    [
        ([], 2, BudgetUnit.IMAGES),
        (["a", "b"], 2, BudgetUnit.IMAGES),
        (["a", "b"], 25, BudgetUnit.PERCENT_IMAGES),
        (["a", "b", "c"], 1, BudgetUnit.PIXELS),
    ],
)
def test_what_is_asked_within_the_budget_passes(images: list[str], amount: float, unit: BudgetUnit) -> None:
    check_spending(images, amount, unit, total_images=8)


@pytest.mark.parametrize(
    ("images", "amount", "unit", "message"),
    [
        (["a", "b", "c"], 2, BudgetUnit.IMAGES, "queries 3 images; its budget of 2 images buys 2"),
        (["a", "b", "c"], 25, BudgetUnit.PERCENT_IMAGES, "its budget of 25 percent_images buys 2"),
        (["a", "b", "a"], 5, BudgetUnit.IMAGES, "queries 'a' twice"),
        (["a", "a"], 5, BudgetUnit.PERCENT_PIXELS_PER_IMAGE, "queries 'a' twice"),
    ],
)
def test_a_batch_beyond_its_budget_is_the_methods_fault(
    images: list[str], amount: float, unit: BudgetUnit, message: str
) -> None:
    with pytest.raises(OverBudgetError, match=message) as caught:
        check_spending(images, amount, unit, total_images=8)

    assert caught.value.reason == "user_code_error"


def test_pixels_and_percents_become_a_share_of_the_image() -> None:
    assert pixel_share_in_budget(5, BudgetUnit.PERCENT_PIXELS_PER_IMAGE, 1000) == 0.05
    assert pixel_share_in_budget(40, BudgetUnit.PIXELS, 1000) == 0.04


@pytest.mark.parametrize(
    ("amount", "unit", "message"),
    [
        (0, BudgetUnit.PIXELS, "over 0"),
        (0, BudgetUnit.PERCENT_PIXELS_PER_IMAGE, "over 0"),
        (-1, BudgetUnit.PERCENT_PIXELS_PER_IMAGE, "over 0"),
        (1001, BudgetUnit.PIXELS, "at most 1000"),
        (101, BudgetUnit.PERCENT_PIXELS_PER_IMAGE, "at most 100"),
        (3, BudgetUnit.IMAGES, "no share of an image"),
    ],
)
def test_budgets_of_pixels_that_cannot_be_spent_are_refused(amount: float, unit: BudgetUnit, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pixel_share_in_budget(amount, unit, image_pixels=1000)


def test_one_click_fills_one_piece_of_one_label() -> None:
    # Asked: the left three columns. Pieces: 0 above, 1 twice (they touch by a corner only), 0 below right; 255 is free.
    labels = np.array([[0, 0, 1, 9], [0, 1, 0, 9], [255, 1, 0, 9]])
    asked = np.array([[True, True, True, False]] * 3)

    assert spent_on(labels, asked) == Spent(images=1, pixels=9, clicks=4)


@pytest.mark.parametrize("seed", range(20))
def test_pieces_are_counted_as_a_library_does(seed: int) -> None:
    generator = np.random.default_rng(seed)
    size, classes = generator.integers(1, 40, 2), int(generator.integers(1, 4))
    labels = generator.integers(0, classes + 1, size).astype(np.uint8)
    asked = generator.random(size) < 0.9
    filled = np.where(asked & (labels != 0), labels.astype(np.int32), -1)

    clicks = spent_on(labels, asked, ignore_id=0).clicks

    assert clicks == measure.label(filled, background=-1, connectivity=1).max(initial=0)


def test_a_path_that_winds_through_the_whole_image_is_one_piece() -> None:
    """Its runs meet end to end, so that joining them takes many turns."""
    path = np.ones((101, 40), np.bool_)
    path[1::4, :-1] = path[3::4, 1:] = False

    assert spent_on(path.astype(np.uint8), np.ones(path.shape, np.bool_), ignore_id=0).clicks == 1
    assert spent_on(path.T.astype(np.uint8), np.ones(path.T.shape, np.bool_), ignore_id=0).clicks == 1


def test_nothing_asked_costs_nothing() -> None:
    assert spent_on(np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.bool_)) == Spent(0, 0, 0)
    assert total_spent([]) == Spent(0, 0, 0)


def test_costs_add_up() -> None:
    assert total_spent([Spent(1, 9, 4), Spent(1, 3, 1)]) == Spent(2, 12, 5)
