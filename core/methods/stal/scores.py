"""Scores of a confusion matrix: classes, means, subsets and categories (STAL 7). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.classes import CITYSCAPES_CATEGORIES, CITYSCAPES_CLASSES, SYNTHIA_13, SYNTHIA_16
from core.data.label_ids import IdTable
from core.metrics.iou import class_iou, is_present, merged_matrix
from core.metrics.score_rows import class_rows, group_rows
from core.stage.events import EvaluationRecord, Score, Scores

GROUPS = {"16": SYNTHIA_16, "13": SYNTHIA_13}
"""Reported subsets of the 19 Cityscapes classes, by train id."""
CATEGORIES = "categories"
"""Group of the means over the 7 categories of Cityscapes."""

Matrix = npt.NDArray[np.int64]


def class_groups(raw_ids: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return the channels of the scored subsets: SYNTHIA's 16 and 13 classes, if the classes are Cityscapes'."""
    if not _is_cityscapes(raw_ids):
        return {}
    shared = {name: tuple(list(raw_ids).index(train_id) for train_id in ids) for name, ids in GROUPS.items()}
    return {name: channels for name, channels in shared.items() if len(channels) < len(raw_ids)}


@dataclass(frozen=True)
class RoundOutline:
    """What was tested: the split, the round, and the iterations of its training."""

    split: str
    index: int
    iteration: int


def scores_event(
    matrix: Matrix,
    raw_ids: IdTable,
    outline: RoundOutline,
    restricted: Mapping[str, Matrix] | None = None,
    records: Sequence[EvaluationRecord] = (),
) -> Scores:
    """Return the event with the scores of a matrix.

    Scores are per class, over all classes, over `class_groups`, and over the 7 categories of Cityscapes.

    Args:
        matrix: (C, C).
        raw_ids: (C,) raw id of each channel.
        outline: what was tested.
        restricted: group -> (C, C) matrix of predictions restricted to the group, used instead of `matrix`.
        records: files that the evaluation leaves behind.
    """
    return Scores(
        split=outline.split,
        step=outline.index,
        iteration=outline.iteration,
        scores=list(_scores(matrix, raw_ids.tolist(), restricted or {})),
        records=list(records),
    )


def _scores(matrix: Matrix, raw_ids: list[int], restricted: Mapping[str, Matrix]) -> Iterator[Score]:
    yield from class_rows(matrix, raw_ids, range(len(raw_ids)), union_quirk=0)
    for group, channels in {"all": tuple(range(len(raw_ids))), **class_groups(raw_ids)}.items():
        yield from group_rows(restricted.get(group, matrix), group, channels, union_quirk=0)
    if _is_cityscapes(raw_ids):
        yield from _category_scores(matrix, raw_ids)


def _is_cityscapes(raw_ids: Sequence[int]) -> bool:
    return list(raw_ids) in (sorted(CITYSCAPES_CLASSES.names), list(SYNTHIA_16))


def _category_scores(matrix: Matrix, raw_ids: list[int]) -> Iterator[Score]:
    """Yield the scores of Cityscapes' categories. A car predicted as a truck counts as right."""
    members = [
        [raw_ids.index(train_id) for train_id in ids if train_id in raw_ids] for ids in CITYSCAPES_CATEGORIES.values()
    ]
    merged = merged_matrix(matrix, members)
    for category, value, shown in zip(CITYSCAPES_CATEGORIES, class_iou(merged, 0), is_present(merged), strict=True):
        yield Score(metric="category_iou", value=float(value) if shown else None, group=category)
    yield from group_rows(merged, CATEGORIES, range(len(merged)), union_quirk=0)
