"""Scores of a confusion matrix: intersection over union and accuracies. Free of torch.

A matrix has ground truth in its rows and predictions in its columns, in pixels. All scores are fractions in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.integer] | npt.NDArray[np.floating]
Scores = npt.NDArray[np.float64]

UNION_QUIRK = 1e-6
"""REFERENCE: subtracts the diagonal of (matrix + 1e-6), which makes every union smaller by that much."""


@dataclass(frozen=True)
class GroupScores:
    """Scores of a group of classes.

    Attributes:
        miou: mean IoU with the reference's 1e-6; a class with empty union counts as 0.
        miou_present: mean IoU over the classes with non-empty union, without the 1e-6; 0 where there is none.
        pixel_accuracy: Σ diagonal over Σ of the group's rows; 0 where the group has no pixel.
        class_accuracy: mean of diagonal over row sum; a class without pixels counts as 0.
    """

    miou: float
    miou_present: float
    pixel_accuracy: float
    class_accuracy: float


def class_iou(matrix: Matrix, union_quirk: float = UNION_QUIRK) -> Scores:
    """Return IoU_c = diag / (row + column − diag − 1e-6), (C,); 0 where the union is empty (spec EIR 6).

    Args:
        matrix: (C, C).
        union_quirk: what is subtracted from every union; 0 gives the IoU of the textbooks (spec STAL 7).
    """
    hits, union = _hits_and_union(matrix)
    return _ratio(hits, union - union_quirk, union > 0)


def class_accuracy(matrix: Matrix) -> Scores:
    """Return diag / row sum, (C,); 0 where a class has no pixel."""
    rows = np.asarray(matrix, dtype=np.float64).sum(axis=1)
    return _ratio(np.diagonal(matrix).astype(np.float64), rows, rows > 0)


def group_scores(matrix: Matrix, group: Sequence[int]) -> GroupScores:
    """Return the scores of the classes in `group`, given as channels of the matrix; zeros for an empty group."""
    if not group:
        return GroupScores(0.0, 0.0, 0.0, 0.0)
    channels = np.asarray(group, dtype=np.intp)
    hits, union = _hits_and_union(matrix)
    present = channels[union[channels] > 0]
    exact = _ratio(hits, union, union > 0)
    pixels = np.asarray(matrix, dtype=np.float64)[channels].sum()
    return GroupScores(
        miou=float(class_iou(matrix)[channels].mean()),
        miou_present=float(exact[present].mean()) if present.size else 0.0,
        pixel_accuracy=float(hits[channels].sum() / pixels) if pixels else 0.0,
        class_accuracy=float(class_accuracy(matrix)[channels].mean()),
    )


def merged_matrix(matrix: Matrix, groups: Sequence[Sequence[int]]) -> npt.NDArray[np.int64]:
    """Return the matrix (G, G) in which the classes of a group count as one: taking one for another is no fault.

    Args:
        matrix: (C, C) counts of pixels.
        groups: channels of each group; channels of no group are left out.
    """
    is_member = np.zeros((len(groups), len(matrix)), dtype=np.int64)
    for row, channels in enumerate(groups):
        is_member[row, list(channels)] = 1
    return np.asarray(is_member @ np.asarray(matrix, dtype=np.int64) @ is_member.T)


def harmonic_mean(first: float, second: float) -> float:
    """Return 2ab/(a + b); 0 where both are 0."""
    return 2 * first * second / (first + second) if first + second else 0.0


def class_groups(classes_per_step: Sequence[int], has_background: bool = True) -> Mapping[str, tuple[int, ...]]:
    """Return the groups of channels that are reported after the last of these steps (spec EIR 6).

    "old" is the background and step 0's classes, "new" the classes of later steps, "all" both; "old_foreground" is
    "old" without the background, as some papers have it. After step 0 only "all" exists of these. "step-j" holds the
    classes of step j.

    Args:
        classes_per_step: |N_s| of each step so far.
        has_background: False leaves channel 0 out, for data whose every pixel has a class.
    """
    bounds = np.cumsum([1, *classes_per_step]).tolist()
    steps = [tuple(range(first, last)) for first, last in pairwise(bounds)]
    background = (0,) if has_background else ()
    groups = {"all": background + tuple(range(1, bounds[-1]))}
    if len(steps) > 1:
        groups["old"] = background + steps[0]
        groups["new"] = tuple(range(bounds[1], bounds[-1]))
        groups["old_foreground"] = steps[0]
    return groups | {f"step-{index}": channels for index, channels in enumerate(steps)}


def _hits_and_union(matrix: Matrix) -> tuple[Scores, Scores]:
    counts = np.asarray(matrix, dtype=np.float64)
    hits = np.diagonal(counts)
    return hits, counts.sum(axis=0) + counts.sum(axis=1) - hits


def _ratio(numerator: Scores, denominator: Scores, defined: npt.NDArray[np.bool_]) -> Scores:
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=defined)
