from __future__ import annotations

import pytest

from core.streams.budgets import BudgetUnit


@pytest.mark.parametrize(
    ("unit", "images"),
    [("images", 3), ("percent_images", 6), ("regions", 0), ("pixels", 0), ("percent_pixels_per_image", 0)],
)
def test_only_units_of_whole_images_take_them_from_the_pool(unit: str, images: int) -> None:
    assert BudgetUnit(unit).images(3.0, pool_size=200) == images


def test_a_share_of_images_buys_one_at_least() -> None:
    assert BudgetUnit.PERCENT_IMAGES.images(0.1, pool_size=10) == 1
