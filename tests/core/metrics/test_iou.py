from __future__ import annotations

import numpy as np
import pytest

from core.metrics.iou import (
    class_accuracy,
    class_groups,
    class_iou,
    frequency_weighted_iou,
    group_scores,
    harmonic_mean,
    merged_matrix,
    predicted_share,
)

# Background 6 right, 2 called class 1; class 1 has 4 right, 4 missed; class 2 never occurs and is never predicted.
MATRIX = np.array([[6, 2, 0], [4, 4, 0], [0, 0, 0]])


def test_iou_divides_hits_by_the_union_less_a_millionth() -> None:
    assert class_iou(MATRIX).tolist() == pytest.approx([6 / (12 - 1e-6), 4 / (10 - 1e-6), 0.0], rel=1e-12)


def test_iou_without_the_quirk_is_that_of_the_textbooks() -> None:
    assert class_iou(MATRIX, union_quirk=0).tolist() == [0.5, 0.4, 0.0]


def test_accuracy_divides_hits_by_the_row_and_is_zero_for_an_absent_class() -> None:
    assert class_accuracy(MATRIX).tolist() == [0.75, 0.5, 0.0]


def test_group_counts_an_empty_class_in_miou_but_not_in_miou_present() -> None:
    scores = group_scores(MATRIX, (0, 1, 2))

    assert scores.miou == pytest.approx((0.5 + 0.4) / 3, abs=1e-7)
    assert scores.miou_present == pytest.approx(0.45, rel=1e-12)
    assert scores.pixel_accuracy == 10 / 16
    assert scores.class_accuracy == pytest.approx(1.25 / 3)


def test_pixel_accuracy_of_a_group_uses_its_rows_only() -> None:
    assert group_scores(MATRIX, (1,)).pixel_accuracy == 0.5


def test_group_without_pixels_has_only_the_published_means() -> None:
    scores = group_scores(MATRIX, (2,))

    assert (scores.miou, scores.class_accuracy) == (0, 0)
    assert np.isnan([scores.miou_present, scores.pixel_accuracy]).all()


def test_group_of_no_class_has_no_score() -> None:
    scores = group_scores(MATRIX, ())

    assert np.isnan([scores.miou, scores.miou_present, scores.pixel_accuracy, scores.class_accuracy]).all()


def test_predicted_share_is_of_all_pixels() -> None:
    assert predicted_share(MATRIX).tolist() == [10 / 16, 6 / 16, 0]
    assert np.isnan(predicted_share(np.zeros((2, 2)))).all()


def test_harmonic_mean_is_zero_when_both_are() -> None:
    assert [harmonic_mean(0.5, 1.0), harmonic_mean(0.0, 0.0), harmonic_mean(0.0, 1.0)] == pytest.approx([2 / 3, 0, 0])


def test_groups_after_the_base_step_are_all_and_its_classes() -> None:
    assert class_groups([2]) == {"all": (0, 1, 2), "step-0": (1, 2)}


def test_old_group_holds_the_background_and_the_base_classes() -> None:
    assert class_groups([2, 1, 1]) == {
        "all": (0, 1, 2, 3, 4),
        "old": (0, 1, 2),
        "new": (3, 4),
        "old_foreground": (1, 2),
        "step-0": (1, 2),
        "step-1": (3,),
        "step-2": (4,),
    }


def test_data_without_background_leave_channel_zero_out_of_every_group() -> None:
    groups = class_groups([1, 1], has_background=False)

    assert (groups["all"], groups["old"], groups["new"]) == ((1, 2), (1,), (2,))


def test_merged_classes_are_counted_as_one_and_others_not_at_all() -> None:
    matrix = np.arange(16).reshape(4, 4)

    # Rows and columns 0 and 2 are one; 1 is left out.
    assert merged_matrix(matrix, [(0, 2), (3,)]).tolist() == [[0 + 2 + 8 + 10, 3 + 11], [12 + 14, 15]]


def test_frequency_weighs_each_class_by_its_pixels() -> None:
    # IoU 3/4 and 1/2 of classes with 3 and 2 of 5 pixels, of which one of the second is taken for the first.
    matrix = np.array([[3, 0], [1, 1]])

    assert frequency_weighted_iou(matrix) == pytest.approx((3 * 3 / 4 + 2 * 1 / 2) / 5)
    assert np.isnan(frequency_weighted_iou(np.zeros((2, 2), dtype=int)))
