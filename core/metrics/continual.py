"""What was learned and what was forgotten, from one confusion matrix a continual step. Free of torch.

Tables have a row for each step t and a column for each class or group j; an entry is NaN before its class or group is
known. All numbers are fractions in [0, 1], or differences of such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.metrics.iou import Matrix, class_groups, class_iou, group_scores, harmonic_mean

Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ContinualScores:
    """Scores after each of T steps of a class-incremental stream (spec EIR 6; platform.md MET-7).

    Attributes:
        class_iou: C (T, channels of the last step): IoU of a class after a step, background first.
        group_miou: R (T, T): mIoU of step j's classes after step t.
        miou_all, miou_old, miou_new, miou_harmonic: (T,); but for "all" NaN at step 0.
        class_forgetting: (T, channels): max over earlier steps of C[., c], less C[t, c]; NaN where c was new at t.
        mean_class_forgetting: (T,) mean of that over the old classes, background left out; NaN at step 0.
        average: A (T,) mean over j ≤ t of R[t, j].
        forgetting: F (T,) mean over j < t of max over l in [j, t) of R[l, j] − R[t, j]; NaN at step 0.
        backward_transfer: B (T,) mean over j < t of R[t, j] − R[j, j]; NaN at step 0.
        plasticity: P (T,) R[t, t].
        average_miou: mean over steps of `miou_all` (`avg`).
    """

    class_iou: Table
    group_miou: Table
    miou_all: Table
    miou_old: Table
    miou_new: Table
    miou_harmonic: Table
    class_forgetting: Table
    mean_class_forgetting: Table
    average: Table
    forgetting: Table
    backward_transfer: Table
    plasticity: Table
    average_miou: float


def continual_scores(
    matrices: Sequence[Matrix], classes_per_step: Sequence[int], has_background: bool = True
) -> ContinualScores:
    """Return every score that follows from the confusion matrices of the first T steps.

    Args:
        matrices: at step t (1 + Σ_{s≤t} |N_s|) square, rows ground truth; at least one.
        classes_per_step: |N_s| of at least those steps.
        has_background: False keeps channel 0 out of "all" and "old", for data whose every pixel has a class.

    Raises:
        ValueError: if there is no matrix, or one has not the size of its step.
    """
    _check_sizes(matrices, classes_per_step)
    steps = len(matrices)
    iou = np.full((steps, len(matrices[-1])), np.nan)
    groups = np.full((steps, steps), np.nan)
    overall = np.full((steps, 4), np.nan)  # all, old, new, harmonic
    for step, matrix in enumerate(matrices):
        iou[step, : len(matrix)] = class_iou(matrix)
        miou = {
            name: group_scores(matrix, channels).miou if channels else np.nan
            for name, channels in class_groups(classes_per_step[: step + 1], has_background).items()
        }
        groups[step, : step + 1] = [miou[f"step-{index}"] for index in range(step + 1)]
        overall[step, 0] = miou["all"]
        if step:
            overall[step, 1:] = miou["old"], miou["new"], harmonic_mean(miou["old"], miou["new"])
    per_class = drop_from_best(iou)
    return ContinualScores(
        class_iou=iou,
        group_miou=groups,
        miou_all=overall[:, 0],
        miou_old=overall[:, 1],
        miou_new=overall[:, 2],
        miou_harmonic=overall[:, 3],
        class_forgetting=per_class,
        mean_class_forgetting=_row_means(per_class[:, 1:]),
        average=_row_means(groups),
        forgetting=_row_means(drop_from_best(groups)),
        backward_transfer=_row_means(change_since_learned(groups)),
        plasticity=np.diagonal(groups).copy(),
        average_miou=float(overall[:, 0].mean()),
    )


def without_new_classes(scores: ContinualScores) -> ContinualScores:
    """Return the scores of steps that all know the same classes: nothing is old or new, so only IoU and mIoU stay."""
    unknown = np.full_like(scores.miou_all, np.nan)
    return replace(
        scores,
        group_miou=np.full_like(scores.group_miou, np.nan),
        miou_old=unknown,
        miou_new=unknown,
        miou_harmonic=unknown,
        class_forgetting=np.full_like(scores.class_forgetting, np.nan),
        mean_class_forgetting=unknown,
        average=unknown,
        forgetting=unknown,
        backward_transfer=unknown,
        plasticity=unknown,
    )


def drop_from_best(table: Table) -> Table:
    """Return max over earlier rows − this row, (T, K); NaN where there is no earlier value."""
    filled = np.where(np.isnan(table), -np.inf, table)
    best_before = np.vstack([np.full((1, table.shape[1]), -np.inf), np.maximum.accumulate(filled, axis=0)[:-1]])
    drop: Table = np.where(np.isfinite(best_before), best_before, np.nan) - table
    return drop


def change_since_learned(table: Table) -> Table:
    """Return R[t, j] − R[j, j] for j < t of a square table, (T, T); NaN elsewhere."""
    steps = len(table)
    is_later = np.tri(steps, steps, -1, dtype=bool)
    change: Table = np.where(is_later, table - np.diagonal(table)[None, :], np.nan)
    return change


def _row_means(table: Table) -> Table:
    is_known = ~np.isnan(table)
    counts = is_known.sum(axis=1)
    sums = np.where(is_known, table, 0).sum(axis=1)
    means: Table = np.divide(sums, counts, out=np.full(len(table), np.nan), where=counts > 0)
    return means


def _check_sizes(matrices: Sequence[Matrix], classes_per_step: Sequence[int]) -> None:
    if not 1 <= len(matrices) <= len(classes_per_step):
        raise ValueError(f"{len(matrices)} confusion matrices for {len(classes_per_step)} steps: one a finished step")
    sizes = np.cumsum([1, *classes_per_step])[1:]
    for step, (matrix, size) in enumerate(zip(matrices, sizes, strict=False)):
        if matrix.shape != (size, size):
            raise ValueError(
                f"the confusion matrix of step {step} is {matrix.shape}, expected {(int(size), int(size))}"
            )
