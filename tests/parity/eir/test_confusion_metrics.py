"""Confusion matrix, accuracies and IoU of old, new and all classes; the recording is in percent."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.metrics.confusion import ConfusionMatrix
from core.metrics.iou import GroupScores, class_accuracy, class_iou, group_scores, harmonic_mean
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-9
FIELDS = {"pa": "pixel_accuracy", "pac": "class_accuracy", "miou": "miou"}


def test_matrix_equals_the_recording() -> None:
    case = load_case("eir", "confusion_metrics")
    confusion = ConfusionMatrix(int(case["num_class"]))

    for labels, predictions in zip(case["gt"], case["pred"], strict=True):
        confusion.update(torch.from_numpy(labels), torch.from_numpy(predictions))

    np.testing.assert_array_equal(confusion.matrix(), case["confusion"])


def test_scores_of_every_class_equal_the_recording() -> None:
    case = load_case("eir", "confusion_metrics")

    assert_close(100 * class_iou(case["confusion"]), case["miou_by_class"], TOLERANCE)
    assert_close(100 * class_accuracy(case["confusion"]), case["pac_by_class"], TOLERANCE)


@pytest.mark.parametrize("metric", FIELDS)
def test_scores_of_every_group_equal_the_recording(metric: str) -> None:
    case = load_case("eir", "confusion_metrics")
    old, new, overall = (getattr(scores, FIELDS[metric]) for scores in recorded_groups(case))

    assert_close(100 * old, case[f"{metric}_old"], TOLERANCE)
    assert_close(100 * new, case[f"{metric}_new"], TOLERANCE)
    assert_close(100 * overall, case[f"{metric}_overall"], TOLERANCE)
    assert_close(100 * harmonic_mean(old, new), case[f"{metric}_harmonic"], TOLERANCE)


def test_mean_iou_of_one_group_and_of_present_classes_equal_the_recording() -> None:
    case = load_case("eir", "confusion_metrics")

    overall = recorded_groups(case)[2]

    assert_close(100 * overall.miou, case["miou_overall_step0"], TOLERANCE)
    assert_close(100 * overall.miou_nonempty, case["miou_present_only"], TOLERANCE)


def recorded_groups(case: dict[str, np.ndarray]) -> list[GroupScores]:
    """Return the scores of the old, the new and all classes."""
    old, new = case["old"].tolist(), case["new"].tolist()
    return [group_scores(case["confusion"], group) for group in (old, new, range(int(case["num_class"])))]
