"""Numbers of a run over domains."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.domain_sequence import lower_median, summarise_sequence


def test_a_table_by_hand() -> None:
    summary = summarise_sequence(np.array([[0.8, 0.1], [0.5, 0.6]]))

    assert summary.last == pytest.approx(0.55)
    assert summary.average == pytest.approx((0.8 + 0.55) / 2)
    assert summary.ff == pytest.approx(0.3)
    assert summary.learning == pytest.approx(0.7)


def test_the_best_value_so_far_may_come_after_a_domain_was_learned() -> None:
    table = np.array([[0.5, 0.0, 0.0], [0.7, 0.5, 0.0], [0.6, 0.5, 0.9]])

    assert summarise_sequence(table).ff == pytest.approx(-0.05)
    assert summarise_sequence(table).ff_max == pytest.approx(0.05)


def test_what_is_undefined_is_in_no_mean() -> None:
    summary = summarise_sequence(np.array([[np.nan, 0.1], [0.5, np.nan]]))

    assert summary.last == 0.5
    assert summary.ff is None
    assert summary.learning is None


def test_one_domain_cannot_be_forgotten_and_none_gives_nothing() -> None:
    assert summarise_sequence(np.array([[0.4]])).ff is None
    assert summarise_sequence(np.zeros((0, 0))).last is None
    with pytest.raises(ValueError, match="needs as many domains"):
        summarise_sequence(np.zeros((2, 3)))


def test_the_lower_of_two_middle_values_is_the_median() -> None:
    assert lower_median([4.0, 1.0, 3.0, 2.0]) == 2.0
    assert lower_median([9.0, 1.0, 2.0], window=2) == 1.0
    with pytest.raises(ValueError, match="no value"):
        lower_median([])
