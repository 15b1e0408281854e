"""Choice of the queried images by their values. Free of torch.

A selection returns no image twice and no unavailable image. It ends early when the pool is empty.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pick:
    """One chosen image.

    Attributes:
        index: position in the given pool.
        value: value by the acquisition function.
        rank_in_group: order of choice within its group, from 0.
    """

    index: int
    value: float
    rank_in_group: int


def select_highest(
    values: Sequence[float],
    names: Sequence[str],
    budget_images: int,
    is_available: Sequence[bool],
    *,
    last_first: bool = False,
) -> list[Pick]:
    """Return the images of highest value, best first. Ties go to the name that sorts first.

    Args:
        values: of each image of the pool.
        names: unique name of each image.
        budget_images: most images to return.
        is_available: False for labelled, rejected and fully ignored images.
        last_first: ties go to the name that sorts last, as in STAL's published selection.

    Raises:
        ValueError: if lengths differ, a name occurs twice, an available image's value is not a number, or the budget
            is negative.
    """
    _check_pool(values, names, is_available)
    if budget_images < 0:
        raise ValueError(f"the budget is {budget_images} images; it cannot be negative")
    candidates = _best_first(values, names, is_available, last_first)
    return [Pick(index, values[index], rank) for rank, index in enumerate(candidates[:budget_images])]


def select_per_group(
    values: Sequence[float],
    names: Sequence[str],
    groups: Sequence[Hashable],
    quota: Mapping[Hashable, int],
    is_available: Sequence[bool],
    *,
    last_first: bool = False,
) -> list[Pick]:
    """Return the images of highest value in each group, up to the group's quota (STAL 6.1).

    Args:
        values: of each image of the pool.
        names: unique name of each image.
        groups: the group of each image.
        quota: number of images per group; 0 for a group that is not named.
        is_available: False for labelled, rejected and fully ignored images.
        last_first: ties go to the name that sorts last, as in STAL's published selection; else to the first.

    Returns:
        Picks of all groups, the highest value first.

    Raises:
        ValueError: if lengths differ, a name occurs twice, an available image's value is not a number, or a quota is
            negative.
    """
    _check_pool(values, names, is_available)
    if len(groups) != len(values):
        raise ValueError(f"{len(values)} images have a value and {len(groups)} a group; give one of each")
    for group, count in quota.items():
        if count < 0:
            raise ValueError(f"the quota of group {group!r} is {count}; divide the budget by the largest remainder")
    candidates = _best_first(values, names, is_available, last_first)
    taken: Counter[Hashable] = Counter()
    picks = []
    for index in candidates:
        group = groups[index]
        if taken[group] < quota.get(group, 0):
            picks.append(Pick(index, values[index], taken[group]))
            taken[group] += 1
    return picks


def _best_first(
    values: Sequence[float], names: Sequence[str], is_available: Sequence[bool], last_first: bool
) -> list[int]:
    candidates = [index for index in range(len(values)) if is_available[index]]
    candidates.sort(key=lambda index: names[index], reverse=last_first)
    # A stable sort keeps the order of names among equal values.
    return sorted(candidates, key=lambda index: -values[index])


def _check_pool(values: Sequence[float], names: Sequence[str], is_available: Sequence[bool]) -> None:
    if not len(values) == len(names) == len(is_available):
        raise ValueError(
            f"{len(values)} values, {len(names)} names and {len(is_available)} flags of availability; "
            "give one of each for every image"
        )
    if len(set(names)) != len(names):
        name, count = Counter(names).most_common(1)[0]
        raise ValueError(f"image {name!r} is {count} times in the pool; names decide ties and must differ")
    for name, value, available in zip(names, values, is_available, strict=True):
        if available and math.isnan(value):
            raise ValueError(f"image {name!r} has no number as its value; the model's output is not finite")
