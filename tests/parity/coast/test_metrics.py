"""Confusion counts and the scores of each target (CoaST 6)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.metrics.confusion import ConfusionMatrix
from core.metrics.iou import class_accuracy, class_iou, frequency_weighted_iou, group_scores, is_present
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-9


def counted(case: dict[str, np.ndarray], suffix: str) -> np.ndarray:
    confusion = ConfusionMatrix(int(case["n_class"]))
    for labels, predictions in zip(case[f"gt{suffix}"], case[f"pred{suffix}"], strict=True):
        confusion.update(torch.from_numpy(labels), torch.from_numpy(predictions))
    return confusion.matrix()


def test_counts_equal_the_recording() -> None:
    case = load_case("coast", "metrics")

    np.testing.assert_array_equal(counted(case, ""), case["confusion"])


@pytest.mark.parametrize("suffix", ["", "_b"])
def test_scores_of_a_target_equal_the_recording(suffix: str) -> None:
    case = load_case("coast", "metrics")
    matrix = counted(case, suffix)
    scores = group_scores(matrix, range(len(matrix)))
    mean_accuracy = class_accuracy(matrix)[is_present(matrix)].mean()
    # An undefined IoU is NaN there and 0 here, and counts in neither mean.
    defined = np.isfinite(case[f"class_iou{suffix}"])

    found = [scores.pixel_accuracy, mean_accuracy, frequency_weighted_iou(matrix), scores.miou_nonempty]
    assert_close(found, case[f"scores{suffix}"], TOLERANCE)
    assert_close(class_iou(matrix, union_quirk=0)[defined], case[f"class_iou{suffix}"][defined], TOLERANCE)


def test_the_mean_over_targets_equals_the_recording() -> None:
    case = load_case("coast", "metrics")
    mious = [
        group_scores(matrix, range(len(matrix))).miou_nonempty for matrix in (counted(case, ""), counted(case, "_b"))
    ]

    assert_close(np.mean(mious), case["mean_over_domains"], TOLERANCE)
