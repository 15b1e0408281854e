"""Scores of a confusion matrix: intersection over union and accuracies. Free of torch.

A matrix has ground truth in its rows and predictions in its columns, in pixels. All scores are fractions in [0, 1]. A
class is present if the ground truth shows it. The published protocols score an absent class 0 and include it in their
means: `miou` does so too. Scores named `…_present` leave absent classes out. NaN stands for undefined.
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
"""REFERENCE: subtracts the diagonal of (matrix + 1e-6), which makes every union smaller by 1e-6."""


@dataclass(frozen=True)
class GroupScores:
    """Scores of a group of classes.

    Attributes:
        miou: as published: mean IoU in which a class with empty union counts as 0; NaN for a group of no class.
        miou_present: mean IoU over the classes that are present, without the 1e-6; NaN where none is.
        pixel_accuracy: Σ diagonal over Σ of the group's rows; NaN where the group has no pixel.
        class_accuracy: as published: mean of diagonal over row sum, in which an absent class counts as 0.
        miou_nonempty: as in the publications' records: mean IoU over the classes with a non-empty union, without the
            1e-6. A class that is predicted although it is absent counts as 0; NaN if every union is empty.
    """

    miou: float
    miou_present: float
    pixel_accuracy: float
    class_accuracy: float
    miou_nonempty: float


def is_present(matrix: Matrix) -> npt.NDArray[np.bool_]:
    """Return whether the ground truth shows each class, (C,)."""
    shown: npt.NDArray[np.bool_] = np.asarray(matrix).sum(axis=1) > 0
    return shown


def class_iou(matrix: Matrix, union_quirk: float = UNION_QUIRK) -> Scores:
    """Return IoU_c = diag / (row + column − diag − 1e-6), (C,); 0 where the union is empty (EIR 6).

    Args:
        matrix: (C, C).
        union_quirk: amount subtracted from every union; 0 gives the IoU of the textbooks (STAL 7).
    """
    hits, union = _hits_and_union(matrix)
    return _ratio(hits, union - union_quirk, union > 0)


def class_accuracy(matrix: Matrix) -> Scores:
    """Return diag / row sum, (C,); 0 where a class has no pixel."""
    rows = np.asarray(matrix, dtype=np.float64).sum(axis=1)
    return _ratio(np.diagonal(matrix).astype(np.float64), rows, rows > 0)


def predicted_share(matrix: Matrix) -> Scores:
    """Return the share of all pixels that were predicted as each class, (C,); NaN for a matrix without pixels."""
    counts = np.asarray(matrix, dtype=np.float64)
    return np.asarray(counts.sum(axis=0) / counts.sum()) if counts.sum() else np.full(len(counts), np.nan)


def group_scores(matrix: Matrix, group: Sequence[int], union_quirk: float = UNION_QUIRK) -> GroupScores:
    """Return the scores of the classes in `group`, given as channels of the matrix.

    Args:
        matrix: (C, C).
        group: the channels.
        union_quirk: of `miou`; see `class_iou`.
    """
    if not group:
        return GroupScores(np.nan, np.nan, np.nan, np.nan, np.nan)
    channels = np.asarray(group, dtype=np.intp)
    present = channels[is_present(matrix)[channels]]
    nonempty = channels[_hits_and_union(matrix)[1][channels] > 0]
    pixels = np.asarray(matrix, dtype=np.float64)[channels].sum()
    return GroupScores(
        miou=float(class_iou(matrix, union_quirk)[channels].mean()),
        miou_present=float(class_iou(matrix, 0)[present].mean()) if present.size else np.nan,
        pixel_accuracy=float(np.diagonal(matrix)[channels].sum() / pixels) if pixels else np.nan,
        class_accuracy=float(class_accuracy(matrix)[channels].mean()),
        miou_nonempty=float(class_iou(matrix, 0)[nonempty].mean()) if nonempty.size else np.nan,
    )


def frequency_weighted_iou(matrix: Matrix, channels: Sequence[int] | None = None) -> float:
    """Return the mean IoU, each class weighted by its share of the labelled pixels; NaN without pixels.

    Args:
        matrix: (C, C).
        channels: the classes; None = all.
    """
    chosen = slice(None) if channels is None else list(channels)
    rows = np.asarray(matrix, dtype=np.float64).sum(axis=1)[chosen]
    return float(rows @ class_iou(matrix, union_quirk=0)[chosen] / rows.sum()) if rows.sum() else np.nan


def merged_matrix(matrix: Matrix, groups: Sequence[Sequence[int]]) -> npt.NDArray[np.int64]:
    """Return the matrix (G, G) in which the classes of a group count as one class.

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


def step_group(step: int) -> str:
    """Return the name of the group of a step's classes."""
    return f"step-{step}"


def class_groups(classes_per_step: Sequence[int], has_background: bool = True) -> Mapping[str, tuple[int, ...]]:
    """Return the groups of channels to report after the last of these steps (EIR 6).

    "old" is the background and step 0's classes, "new" the classes of later steps, "all" both; "old_foreground" is
    "old" without the background, as in some papers. After step 0 only "all" of these exists. "step-j" holds the
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
    return groups | {step_group(index): channels for index, channels in enumerate(steps)}


def _hits_and_union(matrix: Matrix) -> tuple[Scores, Scores]:
    counts = np.asarray(matrix, dtype=np.float64)
    hits = np.diagonal(counts)
    return hits, counts.sum(axis=0) + counts.sum(axis=1) - hits


def _ratio(numerator: Scores, denominator: Scores, defined: npt.NDArray[np.bool_]) -> Scores:
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=defined)
