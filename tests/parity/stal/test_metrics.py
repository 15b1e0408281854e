"""Confusion counts, and IoU over all, present, 16 and 13 classes (7)."""

from __future__ import annotations

import numpy as np
import torch

from core.data.classes import SYNTHIA_13, SYNTHIA_16
from core.metrics.confusion import ConfusionMatrix
from core.metrics.iou import class_accuracy, class_iou, group_scores
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-9


def counted(case: dict[str, np.ndarray]) -> np.ndarray:
    confusion = ConfusionMatrix(int(case["num_classes"]))
    for labels, predictions in zip(case["target"], case["pred"], strict=True):
        confusion.update(torch.from_numpy(labels), torch.from_numpy(predictions))
    return confusion.matrix()


def test_counts_of_every_class_equal_the_recording() -> None:
    case = load_case("stal", "metrics")
    matrix = counted(case)
    hits = np.diagonal(matrix)

    np.testing.assert_array_equal(hits, case["intersection"])
    np.testing.assert_array_equal(matrix.sum(axis=0) + matrix.sum(axis=1) - hits, case["union"])
    np.testing.assert_array_equal(matrix.sum(axis=1), case["target_count"])


def test_scores_of_every_class_equal_the_recording() -> None:
    case = load_case("stal", "metrics")
    matrix = counted(case)

    assert_close(class_iou(matrix, union_quirk=0), case["iou"], TOLERANCE)
    assert_close(class_accuracy(matrix), case["acc"], TOLERANCE)


def test_means_over_classes_equal_the_recording() -> None:
    case = load_case("stal", "metrics")
    matrix = counted(case)
    iou = class_iou(matrix, union_quirk=0)

    assert_close(iou.mean(), case["miou_ref"], TOLERANCE)
    assert_close(group_scores(matrix, range(len(iou))).miou_nonempty, case["miou_present"], TOLERANCE)
    assert_close(iou[list(SYNTHIA_16)].mean(), case["miou16"], TOLERANCE)
    assert_close(iou[list(SYNTHIA_13)].mean(), case["miou13"], TOLERANCE)
