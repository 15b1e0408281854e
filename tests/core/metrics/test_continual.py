from __future__ import annotations

import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest

from core.metrics.continual import (
    Retention,
    can_forget,
    change_since_learned,
    drop_from_best,
    drop_from_first,
    known_part,
    retention,
    row_means,
)

NAN = np.nan
STEPS = (0, 1, 2)
# Three steps of one group each, by hand.
R = np.array([[0.8, NAN, NAN], [0.4, 1.0, NAN], [0.5, 6 / 13, 2 / 3]])


@pytest.fixture
def kept() -> Retention:
    return retention(R, STEPS, STEPS)


def same(found: npt.NDArray[np.float64], expected: object) -> None:
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_average_is_over_what_is_learned_by_then(kept: Retention) -> None:
    same(kept.average, [0.8, 0.7, (0.5 + 6 / 13 + 2 / 3) / 3])


def test_forgetting_is_the_drop_from_the_best_since_its_own_step(kept: Retention) -> None:
    same(kept.forgetting, [NAN, 0.4, (0.3 + 7 / 13) / 2])


def test_backward_transfer_is_the_change_since_its_own_step(kept: Retention) -> None:
    same(kept.backward_transfer, [NAN, -0.4, (-0.3 - 7 / 13) / 2])


def test_plasticity_is_what_is_newest(kept: Retention) -> None:
    same(kept.plasticity, [0.8, 1.0, 2 / 3])


def test_what_is_measured_before_it_is_learned_counts_nowhere() -> None:
    """A sequence of domains is tested on all of them after every step."""
    measured = np.array([[0.8, 0.9, 0.3], [0.4, 0.6, 0.2]])

    kept = retention(measured, (0, 1), (0, 1, 2))

    same(kept.average, [0.8, 0.5])
    same(kept.forgetting, [NAN, 0.4])
    same(kept.backward_transfer, [NAN, -0.4])
    same(kept.plasticity, [0.8, 0.6])


def test_a_domain_that_no_step_teaches_is_in_no_measure() -> None:
    natural = np.array([[0.8, NAN, 0.9], [0.4, 0.6, 0.1]])

    same(retention(natural, (0, 1), (0, 1, None)).average, [0.8, 0.5])
    same(retention(natural, (0, 1), (0, 1, None)).forgetting, [NAN, 0.4])


def test_undefined_scores_are_left_out_of_every_mean() -> None:
    holes = np.array([[0.8, 0.6, NAN], [0.4, NAN, 0.5]])

    kept = retention(holes, (0, 1), (0, 0, 1))

    same(kept.average, [0.7, 0.45])
    same(kept.forgetting, [NAN, 0.4])
    same(kept.backward_transfer, [NAN, -0.4])
    same(kept.plasticity, [0.7, 0.5])


def test_where_all_is_learned_at_once_nothing_can_be_forgotten() -> None:
    rounds = np.array([[0.8, 0.6], [0.4, 0.7]])

    kept = retention(rounds, (0, 1), (0, 0))

    same(kept.average, [0.7, 0.55])
    assert np.isnan(kept.forgetting).all()
    assert np.isnan(kept.backward_transfer).all()
    assert [can_forget(learned) for learned in ((0, 0), (0, None), (0, 1))] == [False, False, True]


def test_a_count_of_errors_is_forgotten_as_it_rises() -> None:
    errors = np.array([[10.0, NAN], [25.0, 8.0]])

    kept = retention(errors, (0, 1), (0, 1), lower_is_better=True)

    same(kept.average, [10, 16.5])
    same(kept.forgetting, [NAN, 15])
    same(kept.backward_transfer, [NAN, -15])


def test_improvement_after_learning_is_negative_forgetting_and_positive_transfer() -> None:
    table = np.array([[0.2, NAN], [0.5, 0.6]])

    same(drop_from_best(table), [[NAN, NAN], [-0.3, NAN]])
    same(change_since_learned(table, (0, 1), (0, 1)), [[NAN, NAN], [0.3, NAN]])


def test_change_counts_from_the_own_step_and_is_unknown_where_that_was_not_tested() -> None:
    table = np.array([[0.9, 0.2], [0.5, 0.6]])

    same(change_since_learned(table, (0, 2), (0, 1)), [[NAN, NAN], [-0.4, NAN]])


def test_drop_from_first_is_the_first_value_less_the_present_one() -> None:
    iou = np.array([[0.9, NAN, NAN], [0.6, 0.8, NAN], [0.7, 0.2, 0.5]])

    same(drop_from_first(iou), [[NAN, NAN, NAN], [0.3, NAN, NAN], [0.2, 0.6, NAN]])
    same(drop_from_first(np.array([[0.5], [0.75]])), [[NAN], [-0.25]])
    assert drop_from_first(np.empty((2, 0))).shape == (2, 0)


def test_known_part_begins_with_the_step_that_teaches() -> None:
    same(known_part(np.ones((2, 3)), (0, 1), (0, 1, None)), [[1, NAN, NAN], [1, 1, NAN]])


def test_mean_of_nothing_is_unknown() -> None:
    same(row_means(np.array([[NAN, NAN], [1, NAN]])), [NAN, 1])
    same(row_means(np.empty((2, 0))), [NAN, NAN])


def test_measures_are_computed_without_torch() -> None:
    program = "import sys, core.metrics.continual, core.metrics.score_rows; print('torch' in sys.modules)"

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert finished.stdout.strip() == "False"
