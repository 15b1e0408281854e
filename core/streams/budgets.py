"""Units of the rounds' budgets, and the check that a pool can meet them. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import ConfigError


class BudgetUnit(StrEnum):
    """What a round's budget is counted in."""

    IMAGES = "images"
    REGIONS = "regions"
    PIXELS = "pixels"
    PERCENT_IMAGES = "percent_images"
    PERCENT_PIXELS_PER_IMAGE = "percent_pixels_per_image"

    def images(self, budget: float, pool_size: int) -> int:
        """Return how many images leave the pool for a budget; 0 if only parts of images are labelled."""
        if self is BudgetUnit.PERCENT_IMAGES:
            return max(1, round(budget * pool_size / 100))
        return int(budget) if self is BudgetUnit.IMAGES else 0


@dataclass(frozen=True)
class LabelBudget:
    """The budget of one round.

    Attributes:
        amount, unit: how much is labelled.
        by_people: whether people answer; otherwise the target's own labels do.
    """

    amount: float
    unit: BudgetUnit
    by_people: bool


def check_budgets(budgets: Sequence[float], unit: BudgetUnit, pool_size: int, first: int) -> None:
    """Refuse budgets that a pool cannot meet.

    Args:
        budgets: budget of each round after the first training.
        unit: unit of the budgets.
        pool_size: number of training images of the target.
        first: number of images that are labelled at the start.

    Raises:
        ConfigError: naming the first budget at fault.
    """
    left, percent = pool_size - first, 0.0
    for number, budget in enumerate(budgets):
        pointer = f"/stream/budgets/{number}"
        percent += budget
        if unit is BudgetUnit.PERCENT_PIXELS_PER_IMAGE and percent > 100:
            raise ConfigError(f"budgets of {percent:g} % are more than an image; give at most 100 in all", pointer)
        if left == 0:
            raise ConfigError(
                f"round {number + 1} has nothing to ask: all {pool_size} images are labelled before", pointer
            )
        if unit is BudgetUnit.IMAGES and (budget < 1 or budget != int(budget)):
            raise ConfigError(f"a budget of {budget:g} images is not a whole image; give at least 1", pointer)
        images = unit.images(budget, pool_size)
        if images > left:
            raise ConfigError(
                f"round {number + 1} asks for {images} images, but only {left} of {pool_size} are left", pointer
            )
        left -= images
