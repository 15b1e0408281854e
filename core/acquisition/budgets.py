"""Budgets of rounds and costs of answers, in images, pixels and clicks. Pure functions, free of torch.

People set budgets, so a budget that cannot be spent is an error here. A selection simply stops when the pool is empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.classes import IGNORE_INDEX
from core.errors import CoreError, ReasonCode
from core.streams.budgets import BudgetUnit

IMAGE_UNITS = frozenset({BudgetUnit.IMAGES, BudgetUnit.PERCENT_IMAGES})


class OverBudgetError(CoreError):
    """A method queried more than its budget. This is a bug in the method; a retry does not help."""

    reason = ReasonCode.USER_CODE_ERROR


@dataclass(frozen=True)
class Spent:
    """Cost of answers.

    Attributes:
        images: images with at least one queried pixel.
        pixels: queried pixels.
        clicks: fills needed to answer them; see `spent_on`.
    """

    images: int = 0
    pixels: int = 0
    clicks: int = 0


def images_in_budget(amount: float, unit: BudgetUnit, pool_images: int, total_images: int) -> int:
    """Return the number of images that a budget buys.

    Args:
        amount: images, or percent of all images.
        unit: `images` or `percent_images`.
        pool_images: number of images not labelled yet.
        total_images: number of all images, labelled ones included; the base of a percentage.

    Raises:
        ValueError: if the budget is not positive, not a whole number of images, more than the pool holds, or in
            another unit.
    """
    count = _images_of(amount, unit, total_images)
    if count > pool_images:
        raise ValueError(f"the budget is {count} images and the pool has {pool_images}; lower the budget")
    return count


def _images_of(amount: float, unit: BudgetUnit, total_images: int) -> int:
    if amount <= 0:
        raise ValueError(f"the budget is {amount:g} {unit}; it must be over 0")
    if unit is BudgetUnit.PERCENT_IMAGES:
        return max(1, round(amount * total_images / 100))
    if unit is BudgetUnit.IMAGES and amount == int(amount):
        return int(amount)
    raise ValueError(f"a budget of {amount:g} {unit} is no number of images; give whole images or percent_images")


def check_spending(images: Sequence[str], amount: float, unit: BudgetUnit, total_images: int) -> None:
    """Check the queries of a method against its budget (AL-6). Fewer queries than the budget buys are fine.

    Args:
        images: the image of each query.
        amount, unit: the budget. Budgets for parts of images are not checked: only the method knows their cost.
        total_images: number of all images, labelled ones included.

    Raises:
        OverBudgetError: if more images are queried than the budget buys, or an image is queried twice.
    """
    twice = next((name for name, count in Counter(images).items() if count > 1), None)
    if twice is not None:
        raise OverBudgetError(f"the batch queries {twice!r} twice; a round queries an image once")
    if not images or unit not in IMAGE_UNITS:
        return
    bought = _images_of(amount, unit, total_images)
    if len(images) > bought:
        raise OverBudgetError(f"the batch queries {len(images)} images; its budget of {amount:g} {unit} buys {bought}")


def pixel_share_in_budget(amount: float, unit: BudgetUnit, image_pixels: int) -> float:
    """Return the share of an image's pixels that a budget per image buys, in (0, 1].

    Args:
        amount: pixels, or percent of the image's pixels.
        unit: `pixels` or `percent_pixels_per_image`.
        image_pixels: H·W.

    Raises:
        ValueError: if the budget is not positive, exceeds the image's pixels, or is in another unit.
    """
    base = {BudgetUnit.PIXELS: image_pixels, BudgetUnit.PERCENT_PIXELS_PER_IMAGE: 100}
    if unit not in base:
        raise ValueError(f"a budget in {unit} is no share of an image; give pixels or percent_pixels_per_image")
    if not 0 < amount <= base[unit]:
        raise ValueError(f"the budget is {amount:g} {unit} an image; it must be over 0 and at most {base[unit]}")
    return amount / base[unit]


def spent_on(
    labels: npt.NDArray[np.integer[Any]], queried: npt.NDArray[np.bool_], ignore_id: int = IGNORE_INDEX
) -> Spent:
    """Return the cost of one image's answers.

    One click fills one piece: side-connected queried pixels with the same label. Pixels without a label cost no
    click.

    Args:
        labels: (H, W) raw ids; `ignore_id` means no label.
        queried: (H, W) mask.
        ignore_id: raw id of pixels without a label.
    """
    return Spent(
        images=int(queried.any()),
        pixels=int(queried.sum()),
        clicks=_count_pieces(labels, queried & (labels != ignore_id)),
    )


def _count_pieces(labels: npt.NDArray[np.integer[Any]], counts: npt.NDArray[np.bool_]) -> int:
    """Return the number of side-connected pieces of equal label where `counts` (H, W) is set.

    Runs of a row are joined with equal runs that they touch in the row above. Runs are far fewer than the pixels
    that libraries label one by one, and two of them first touch where one of them begins: only there is looked. The
    service calls this while a person waits, without training's libraries.
    """
    width = labels.shape[1]
    begins = np.ones(labels.shape, np.bool_)
    np.not_equal(labels[:, 1:], labels[:, :-1], out=begins[:, 1:])
    if not counts.all():
        begins[:, 1:] |= counts[:, 1:] != counts[:, :-1]
    starts = np.flatnonzero(begins)
    flat, counted = labels.ravel(), counts.ravel()
    starting = starts[counted[starts]]
    from_below, from_above = starting[starting >= width], starting[starting < labels.size - width]
    below = np.concatenate([from_below, from_above + width])
    above = below - width
    touches = (flat[below] == flat[above]) & counted[below] & counted[above]
    one, other = (np.searchsorted(starts, places[touches], "right") - 1 for places in (above, below))
    return _count_joined(counted[starts], one, other)


def _count_joined(
    counts: npt.NDArray[np.bool_], one: npt.NDArray[np.integer[Any]], other: npt.NDArray[np.integer[Any]]
) -> int:
    """Return the number of connected groups of the nodes set in `counts` (N,); `one` and `other` (E,) are edges."""
    leader = np.arange(len(counts))
    while len(one):
        first, second = leader[one], leader[other]
        apart = first != second
        one, other = one[apart], other[apart]
        low, high = np.minimum(first, second)[apart], np.maximum(first, second)[apart]
        np.minimum.at(leader, high, low)
        while not np.array_equal(led := leader[leader], leader):
            leader = led
    return int(np.count_nonzero((leader == np.arange(len(leader))) & counts))


def total_spent(parts: Iterable[Spent]) -> Spent:
    """Return the sum over images or rounds. An image queried in two rounds counts twice."""
    listed = list(parts)
    return Spent(
        images=sum(part.images for part in listed),
        pixels=sum(part.pixels for part in listed),
        clicks=sum(part.clicks for part in listed),
    )
