"""Rows of scores: what a class that no test image shows is worth."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.score_rows import FALSE_SHARE, class_rows, group_rows
from core.stage.events import Score

# Class 7 is absent and never predicted; class 9 is absent, and 5 of 20 pixels are taken for it.
MATRIX = np.array([[6, 2, 0, 2], [1, 6, 0, 3], [0, 0, 0, 0], [0, 0, 0, 0]])
IDS = [-1, 4, 7, 9]


def of_class(class_id: int) -> dict[str, float | None]:
    return {row.metric: row.value for row in class_rows(MATRIX, IDS, range(4)) if row.class_id == class_id}


def means(channels: tuple[int, ...]) -> dict[str, float | None]:
    return {row.metric: row.value for row in group_rows(MATRIX, "all", channels)}


def test_a_class_that_test_images_show_has_iou_and_accuracy() -> None:
    assert of_class(4) == {"iou": pytest.approx(6 / 12, abs=1e-6), "accuracy": pytest.approx(6 / 10)}


def test_an_absent_class_is_undefined_and_not_zero() -> None:
    assert of_class(7) == {"iou": None, "accuracy": None, FALSE_SHARE: 0.0}


def test_predicted_but_absent_is_told_apart() -> None:
    assert of_class(9) == {"iou": None, "accuracy": None, FALSE_SHARE: 5 / 20}


def test_the_published_mean_counts_absent_classes_as_zero_and_the_mean_of_present_ones_leaves_them_out() -> None:
    background, boat = 6 / 11, 6 / 12

    found = means((0, 1, 2, 3))

    assert found["miou"] == pytest.approx((background + boat) / 4, abs=1e-6)
    assert found["miou_present"] == pytest.approx((background + boat) / 2, rel=1e-12)
    assert found["pixel_accuracy"] == pytest.approx(12 / 20)


def test_a_group_that_no_test_image_shows_has_no_mean_of_present_classes() -> None:
    found = means((2, 3))

    assert (found["miou"], found["miou_present"], found["pixel_accuracy"]) == (0.0, None, None)


def test_a_score_is_never_a_number_that_is_none() -> None:
    assert Score(metric="iou", value=float("nan"), class_id=1).value is None
    with pytest.raises(ValueError, match="finite"):
        Score(metric="iou", value=float("inf"), class_id=1)
