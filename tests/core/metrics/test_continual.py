from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from core.metrics.continual import (
    ContinualScores,
    change_since_learned,
    continual_scores,
    drop_from_best,
    without_new_classes,
)

NAN = np.nan


def matrix_of(*rows: list[int]) -> np.ndarray:
    return np.array(rows)


# Three steps of one class each. IoU by hand, in order background, class 1, 2, 3:
#   step 0: 8/10, 8/10;  step 1: 6/12, 4/10, 10/10;  step 2: 6/14, 5/10, 6/13, 8/12
MATRICES = [
    matrix_of([8, 1], [1, 8]),
    matrix_of([6, 2, 0], [4, 4, 0], [0, 0, 10]),
    matrix_of([6, 2, 0, 2], [1, 5, 2, 0], [3, 0, 6, 1], [0, 0, 1, 8]),
]


@pytest.fixture
def scores() -> ContinualScores:
    return continual_scores(MATRICES, [1, 1, 1])


def test_class_table_has_a_row_a_step_and_is_empty_before_a_class_is_known(scores: ContinualScores) -> None:
    expected = [
        [8 / 10, 8 / 10, NAN, NAN],
        [6 / 12, 4 / 10, 1.0, NAN],
        [6 / 14, 5 / 10, 6 / 13, 8 / 12],
    ]

    np.testing.assert_allclose(scores.class_iou, expected, atol=1e-6)


def test_group_table_holds_the_miou_of_each_steps_classes(scores: ContinualScores) -> None:
    expected = [[0.8, NAN, NAN], [0.4, 1.0, NAN], [0.5, 6 / 13, 2 / 3]]

    np.testing.assert_allclose(scores.group_miou, expected, atol=1e-6)


def test_overall_scores_split_into_old_and_new_after_the_base_step(scores: ContinualScores) -> None:
    old, new = [NAN, 0.45, (6 / 14 + 0.5) / 2], [NAN, 1.0, (6 / 13 + 2 / 3) / 2]
    overall = [0.8, 1.9 / 3, (6 / 14 + 0.5 + 6 / 13 + 2 / 3) / 4]

    np.testing.assert_allclose(scores.miou_all, overall, atol=1e-6)
    np.testing.assert_allclose(scores.miou_old, old, atol=1e-6)
    np.testing.assert_allclose(scores.miou_new, new, atol=1e-6)
    harmonic = [NAN, 2 * old[1] * new[1] / (old[1] + new[1]), 2 * old[2] * new[2] / (old[2] + new[2])]
    np.testing.assert_allclose(scores.miou_harmonic, harmonic, atol=1e-6)
    assert scores.average_miou == pytest.approx(sum(overall) / 3, abs=1e-6)


def test_class_forgetting_is_the_drop_from_the_best_earlier_step(scores: ContinualScores) -> None:
    expected = [
        [NAN, NAN, NAN, NAN],
        [0.3, 0.4, NAN, NAN],
        [0.8 - 6 / 14, 0.3, 1 - 6 / 13, NAN],
    ]

    np.testing.assert_allclose(scores.class_forgetting, expected, atol=1e-6)


def test_mean_class_forgetting_leaves_the_background_out(scores: ContinualScores) -> None:
    np.testing.assert_allclose(scores.mean_class_forgetting, [NAN, 0.4, (0.3 + 7 / 13) / 2], atol=1e-6)


def test_average_forgetting_transfer_and_plasticity_follow_from_the_group_table(scores: ContinualScores) -> None:
    np.testing.assert_allclose(scores.average, [0.8, 0.7, (0.5 + 6 / 13 + 2 / 3) / 3], atol=1e-6)
    np.testing.assert_allclose(scores.forgetting, [NAN, 0.4, (0.3 + 7 / 13) / 2], atol=1e-6)
    np.testing.assert_allclose(scores.backward_transfer, [NAN, -0.4, (-0.3 - 7 / 13) / 2], atol=1e-6)
    np.testing.assert_allclose(scores.plasticity, [0.8, 1.0, 2 / 3], atol=1e-6)


def test_run_under_way_is_scored_up_to_its_last_finished_step() -> None:
    scores = continual_scores(MATRICES[:2], [1, 1, 1])

    assert scores.class_iou.shape == (2, 3)
    assert scores.forgetting[1] == pytest.approx(0.4, abs=1e-6)


def test_improvement_after_learning_is_negative_forgetting_and_positive_transfer() -> None:
    table = np.array([[0.2, NAN], [0.5, 0.6]])

    np.testing.assert_allclose(drop_from_best(table), [[NAN, NAN], [-0.3, NAN]])
    np.testing.assert_allclose(change_since_learned(table), [[NAN, NAN], [0.3, NAN]])


def test_matrix_of_the_wrong_size_names_its_step() -> None:
    with pytest.raises(ValueError, match=r"step 1 is \(2, 2\), expected \(3, 3\)"):
        continual_scores([MATRICES[0], MATRICES[0]], [1, 1])


def test_no_matrix_or_one_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="0 confusion matrices for 1 steps"):
        continual_scores([], [1])
    with pytest.raises(ValueError, match="2 confusion matrices for 1 steps"):
        continual_scores(MATRICES[:2], [1])


def test_scores_are_computed_without_torch() -> None:
    program = "import sys, core.metrics.continual; print('torch' in sys.modules)"

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert finished.stdout.strip() == "False"


def test_a_step_that_teaches_no_class_has_no_score_of_new_ones() -> None:
    scores = continual_scores([MATRICES[0], MATRICES[0]], [1, 0])

    np.testing.assert_allclose(scores.group_miou, [[0.8, NAN], [0.8, NAN]], atol=1e-6)
    np.testing.assert_allclose(scores.miou_new, [NAN, NAN])
    np.testing.assert_allclose(scores.plasticity, [0.8, NAN], atol=1e-6)


def test_steps_that_all_know_the_same_classes_keep_iou_and_miou_alone(scores: ContinualScores) -> None:
    kept = without_new_classes(scores)

    np.testing.assert_array_equal(kept.class_iou, scores.class_iou)
    np.testing.assert_array_equal(kept.miou_all, scores.miou_all)
    assert kept.average_miou == scores.average_miou
    for table in (
        kept.group_miou,
        kept.miou_old,
        kept.miou_new,
        kept.miou_harmonic,
        kept.class_forgetting,
        kept.mean_class_forgetting,
        kept.average,
        kept.forgetting,
        kept.backward_transfer,
        kept.plasticity,
    ):
        assert np.isnan(table).all()
