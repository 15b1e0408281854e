from __future__ import annotations

import numpy as np
import pytest

from core.acquisition.consensus import agreed_sources, disagreement_map, majority

IGNORE = 255


def maps(*rows: list[int]) -> list[np.ndarray]:
    return [np.array([row], np.uint8) for row in rows]


def test_the_label_of_most_answers_wins_and_a_tie_has_none() -> None:
    #             all agree, two of three, all differ, nobody can tell wins, tie of two beside one
    found = majority(maps([3, 3, 3, IGNORE], [3, 3, 7, IGNORE], [3, 7, 9, 7]), IGNORE)

    assert found.labels.tolist() == [[3, 3, IGNORE, IGNORE]]
    assert found.is_tied.tolist() == [[False, False, True, False]]
    assert found.votes.tolist() == [[3, 2, 1, 2]]


def test_four_answers_two_by_two_are_tied_and_the_order_plays_no_part() -> None:
    answers = maps([3, 3], [7, 3], [7, 7], [3, 9])

    for order in (answers, answers[::-1]):
        found = majority(order, IGNORE)
        assert (found.labels.tolist(), found.is_tied.tolist()) == ([[IGNORE, 3]], [[True, False]])


def test_one_answer_is_its_own_consensus() -> None:
    [only] = maps([3, IGNORE, 7])

    found = majority([only], IGNORE)

    assert np.array_equal(found.labels, only)
    assert not found.is_tied.any()


def test_answers_of_other_shapes_and_none_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="0 answers"):
        majority([], IGNORE)
    with pytest.raises(ValueError, match=r"shapes \[\(1, 1\), \(1, 2\)\]"):
        majority(maps([1], [1, 2]), IGNORE)


def test_a_pixel_has_the_source_of_the_first_answer_that_it_follows() -> None:
    answers, sources = maps([3, 7, 9], [3, 3, 9]), maps([1, 1, 1], [2, 2, 3])

    assert agreed_sources(np.array([[3, 3, IGNORE]], np.uint8), answers, sources).tolist() == [[1, 2, 0]]


def test_disagreement_is_darkest_where_all_agree_and_brightest_where_each_differs() -> None:
    answers = maps([3, 3, 3, 3], [3, 3, 7, 7], [3, 7, 9, 9])

    assert disagreement_map(answers, None).tolist() == [[0, 128, 255, 255]]
    assert disagreement_map(answers, np.array([[True, True, True, False]])).tolist() == [[0, 128, 255, 0]]
    assert disagreement_map(answers[:1], None).tolist() == [[0, 0, 0, 0]]
