"""Rows of scores from a confusion matrix. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.metrics.iou import (
    UNION_QUIRK,
    Matrix,
    class_accuracy,
    class_iou,
    frequency_weighted_iou,
    group_scores,
    is_present,
    predicted_share,
)
from core.stage.events import Score

FALSE_SHARE = "false_share"
"""Share of the test pixels that were predicted as an absent class; 0 if the class was never predicted."""


def class_rows(
    matrix: Matrix, class_ids: Sequence[int], channels: Sequence[int], union_quirk: float = UNION_QUIRK
) -> Iterator[Score]:
    """Yield IoU and accuracy of each class. For an absent class both are undefined, and its false share is added.

    Args:
        matrix: (C, C).
        class_ids: (C,) raw id of each channel.
        channels: channels to report.
        union_quirk: see `class_iou`.
    """
    iou, accuracy = class_iou(matrix, union_quirk), class_accuracy(matrix)
    shown, predicted = is_present(matrix), predicted_share(matrix)
    for channel in channels:
        class_id = class_ids[channel]
        for metric, values in (("iou", iou), ("accuracy", accuracy)):
            value = float(values[channel]) if shown[channel] else None
            yield Score(metric=metric, value=value, class_id=class_id)
        if not shown[channel]:
            yield Score(metric=FALSE_SHARE, value=float(predicted[channel]), class_id=class_id)


def group_rows(
    matrix: Matrix, group: str, channels: Sequence[int], union_quirk: float = UNION_QUIRK
) -> Iterator[Score]:
    """Yield the means over the channels of a group: mIoU as published and over present classes, and accuracies."""
    found = group_scores(matrix, channels, union_quirk)
    yield Score(metric="miou", value=found.miou, group=group)
    yield Score(metric="miou_present", value=found.miou_present, group=group)
    yield Score(metric="pixel_accuracy", value=found.pixel_accuracy, group=group)
    yield Score(metric="class_accuracy", value=found.class_accuracy, group=group)


WHOLE = "all"
"""Group of all scored classes."""
MIOU_NONEMPTY = "miou_nonempty"
"""Mean over the classes with a non-empty union, the published mean IoU of domain adaptation."""


def domain_rows(matrix: Matrix, class_ids: Sequence[int], channels: Sequence[int]) -> Iterator[Score]:
    """Yield the scores of one domain, without the reference's quirk: of every class, and over all of them.

    Args:
        matrix: (C, C).
        class_ids: (C,) raw id of each channel.
        channels: channels to report.
    """
    yield from class_rows(matrix, class_ids, channels, union_quirk=0)
    yield Score(metric=MIOU_NONEMPTY, value=group_scores(matrix, channels).miou_nonempty, group=WHOLE)
    yield from group_rows(matrix, WHOLE, channels, union_quirk=0)
    chosen = np.asarray(channels, dtype=np.intp)
    shown = chosen[is_present(matrix)[chosen]]
    accuracy = float(class_accuracy(matrix)[shown].mean()) if shown.size else None
    yield Score(metric="mean_accuracy", value=accuracy, group=WHOLE)
    yield Score(metric="frequency_weighted_iou", value=frequency_weighted_iou(matrix, channels), group=WHOLE)
