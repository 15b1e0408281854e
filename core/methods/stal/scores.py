"""What a confusion matrix says: classes, their means, subsets and categories (spec STAL 7). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.data.classes import CITYSCAPES_CATEGORIES, CITYSCAPES_CLASSES, SYNTHIA_13, SYNTHIA_16
from core.data.label_ids import IdTable
from core.metrics.iou import class_accuracy, class_iou, group_scores, merged_matrix
from core.stage.events import Score, Scores

GROUPS = {"16": SYNTHIA_16, "13": SYNTHIA_13}
"""Subsets of the 19 Cityscapes classes, by train id, that are reported besides all of them."""
CATEGORIES = "categories"
"""Group of the means over the 7 categories of Cityscapes."""

Matrix = npt.NDArray[np.int64]


def class_groups(raw_ids: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return the channels of the subsets that are scored besides all classes: the 16 and 13 of SYNTHIA, where known."""
    if not _is_cityscapes(raw_ids):
        return {}
    shared = {name: tuple(list(raw_ids).index(train_id) for train_id in ids) for name, ids in GROUPS.items()}
    return {name: channels for name, channels in shared.items() if len(channels) < len(raw_ids)}


def scores_event(
    matrix: Matrix,
    raw_ids: IdTable,
    *,
    split: str,
    round_index: int,
    iteration: int,
    restricted: Mapping[str, Matrix] | None = None,
) -> Scores:
    """Return the event with the scores of a matrix.

    They are per class, over all classes, over `class_groups`, and of the 7 categories of Cityscapes.

    Args:
        matrix: (C, C).
        raw_ids: (C,) of the channels.
        split, round_index, iteration: what was tested, and when.
        restricted: group -> (C, C) of the predictions among its classes alone, where those are what counts.
    """
    return Scores(
        split=split,
        step=round_index,
        iteration=iteration,
        channels=raw_ids.tolist(),
        confusion=matrix.tolist(),
        scores=list(_scores(matrix, raw_ids.tolist(), restricted or {})),
    )


def _scores(matrix: Matrix, raw_ids: list[int], restricted: Mapping[str, Matrix]) -> Iterator[Score]:
    iou, accuracy, present = class_iou(matrix, 0), class_accuracy(matrix), matrix.sum(axis=1) > 0
    for channel, raw_id in enumerate(raw_ids):
        if present[channel]:
            yield Score(metric="iou", value=float(iou[channel]), class_id=raw_id)
            yield Score(metric="accuracy", value=float(accuracy[channel]), class_id=raw_id)
    for group, channels in {"all": tuple(range(len(raw_ids))), **class_groups(raw_ids)}.items():
        yield from _means(restricted.get(group, matrix), group, channels)
    if _is_cityscapes(raw_ids):
        yield from _category_scores(matrix, raw_ids)


def _is_cityscapes(raw_ids: Sequence[int]) -> bool:
    return list(raw_ids) in (sorted(CITYSCAPES_CLASSES.names), list(SYNTHIA_16))


def _category_scores(matrix: Matrix, raw_ids: list[int]) -> Iterator[Score]:
    """Yield the scores of Cityscapes' categories, in which a car taken for a truck is right."""
    members = [
        [raw_ids.index(train_id) for train_id in ids if train_id in raw_ids] for ids in CITYSCAPES_CATEGORIES.values()
    ]
    merged = merged_matrix(matrix, members)
    present = merged.sum(axis=1) > 0
    for category, value, is_present in zip(CITYSCAPES_CATEGORIES, class_iou(merged, 0), present, strict=True):
        if is_present:
            yield Score(metric="category_iou", value=float(value), group=category)
    yield from _means(merged, CATEGORIES, range(len(merged)))


def _means(matrix: Matrix, group: str, channels: Sequence[int]) -> Iterator[Score]:
    found = group_scores(matrix, channels)
    yield Score(metric="miou", value=float(class_iou(matrix, 0)[list(channels)].mean()), group=group)
    yield Score(metric="miou_present", value=found.miou_present, group=group)
    yield Score(metric="pixel_accuracy", value=found.pixel_accuracy, group=group)
