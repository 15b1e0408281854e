"""Agreement of two people's answers: pixels, IoU per class, Cohen's and Fleiss' kappa (QA-2). Free of torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.acquisition.manifest import count_ids
from core.data.samples import LabelMap


@dataclass(frozen=True)
class PairCounts:
    """Counts of two answers over queried pixels.

    Attributes:
        pixels: number of queried pixels.
        classes: raw id -> pixels in the first answer, in the second, and in both at the same place. Includes the
            ignore id.
    """

    pixels: int = 0
    classes: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)

    @property
    def agreeing(self) -> int:
        """Number of pixels with the same label, or without a label, in both answers."""
        return sum(both for _, _, both in self.classes.values())


def compare(first: LabelMap, second: LabelMap, queried: npt.NDArray[np.bool_] | None) -> PairCounts:
    """Count the labels of two answers (H, W) over the queried pixels (H, W); None = all pixels are queried."""
    one, other = (first, second) if queried is None else (first[queried][None], second[queried][None])
    ours, theirs, both = count_ids(one), count_ids(other), count_ids(one[one == other][None])
    present = np.flatnonzero(ours + theirs)
    classes = {int(raw_id): (int(ours[raw_id]), int(theirs[raw_id]), int(both[raw_id])) for raw_id in present}
    return PairCounts(int(one.size), classes)


def total(parts: Iterable[PairCounts]) -> PairCounts:
    """Return the sum of counts, such as over the queries of a round."""
    pixels, classes = 0, dict[int, tuple[int, int, int]]()
    for part in parts:
        pixels += part.pixels
        for raw_id, (first, second, both) in part.classes.items():
            before = classes.get(raw_id, (0, 0, 0))
            classes[raw_id] = (before[0] + first, before[1] + second, before[2] + both)
    return PairCounts(pixels, classes)


def pixel_agreement(counts: PairCounts) -> float | None:
    """Return the share of queried pixels with the same label in both answers; None without a pixel."""
    return counts.agreeing / counts.pixels if counts.pixels else None


def class_iou(counts: PairCounts, ignore_id: int) -> dict[int, float]:
    """Return raw id -> intersection over union: 0 if one answer lacks the class, absent if both lack it."""
    return {
        raw_id: both / (first + second - both)
        for raw_id, (first, second, both) in sorted(counts.classes.items())
        if raw_id != ignore_id and first + second
    }


def mean_iou(counts: PairCounts, ignore_id: int) -> float | None:
    """Return the mean of `class_iou`; None without a class."""
    values = class_iou(counts, ignore_id).values()
    return sum(values) / len(values) if values else None


def cohen_kappa(counts: PairCounts) -> float | None:
    """Return Cohen's kappa (1960) over pixels; None without a pixel, or if chance agreement is 1."""
    if not counts.pixels:
        return None
    by_chance = sum(first * second for first, second, _ in counts.classes.values()) / counts.pixels**2
    return _above_chance(counts.agreeing / counts.pixels, by_chance)


def fleiss_kappa(pairs: Sequence[PairCounts]) -> float | None:
    """Return Fleiss' kappa (1971) from the counts of all pairs of people over the same pixels.

    The observed agreement is the mean over the pairs. The chance agreement follows from the class frequencies.
    """
    pixels = sum(pair.pixels for pair in pairs)
    if not pixels:
        return None
    together = total(pairs)
    given = [first + second for first, second, _ in together.classes.values()]
    by_chance = math.fsum((count / (2 * pixels)) ** 2 for count in given)
    return _above_chance(together.agreeing / pixels, by_chance)


def _above_chance(observed: float, by_chance: float) -> float | None:
    return (observed - by_chance) / (1 - by_chance) if by_chance < 1 else None
