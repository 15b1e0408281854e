from __future__ import annotations

import numpy as np

from core.metrics.instances import Found, Truths
from core.metrics.open_set import UNKNOWN, evaluate_open_set, summarise
from core.metrics.overlaps import box_overlaps

BOX = [10.0, 10, 20, 20]
FAR = [70.0, 70, 20, 20]


def truths_of(categories: list[int]) -> Truths:
    count = len(categories)
    return Truths(np.zeros(count, int), np.array(categories, int), np.full(count, 400.0), np.zeros(count, bool))


def found_of(categories: list[int]) -> Found:
    count = len(categories)
    return Found(np.zeros(count, int), np.array(categories, int), np.linspace(0.9, 0.5, count), np.full(count, 400.0))


def boxes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float64).reshape(-1, 4)


def test_an_unknown_object_counts_once_for_each_known_class_that_covers_it() -> None:
    truths, found = truths_of([1, 2, 9]), found_of([1, 2, UNKNOWN])
    overlaps = box_overlaps(truths, found, boxes(FAR, FAR, BOX), boxes(BOX, BOX, FAR))

    result = evaluate_open_set(truths, found, overlaps, (1, 2))

    assert result.open_set_errors.tolist() == [1, 1]
    assert result.known_as_unknown.tolist() == [1] * 10
    assert (result.true_unknown, result.found_unknown) == (1, 1)
    assert summarise([result.unknown]).ap == 0


def test_without_unknown_objects_their_scores_are_undefined() -> None:
    truths, found = truths_of([1]), found_of([1, UNKNOWN])
    overlaps = box_overlaps(truths, found, boxes(BOX), boxes(BOX, FAR))

    result = evaluate_open_set(truths, found, overlaps, (1, 2))

    assert summarise([result.unknown]).ap is None
    assert summarise([result.unknown]).ar == (None,) * 5
    assert summarise(result.known).ap == 1  # class 2 has no ground truth, and is in no mean
    assert (result.true_unknown, result.found_unknown) == (0, 1)


def test_without_any_detection_scores_are_zero_and_the_wilderness_impact_is_undefined() -> None:
    truths, found = truths_of([1, 9]), found_of([])
    overlaps = box_overlaps(truths, found, boxes(BOX, FAR), boxes())

    result = evaluate_open_set(truths, found, overlaps, (1,))

    assert summarise(result.known).ap == 0
    assert summarise([result.unknown]).ar[0] == 0
    assert np.isnan(result.wilderness)


def test_a_class_without_ground_truth_makes_no_open_set_error() -> None:
    truths, found = truths_of([1, 9]), found_of([2])
    overlaps = box_overlaps(truths, found, boxes(FAR, BOX), boxes(BOX))

    assert evaluate_open_set(truths, found, overlaps, (1, 2)).open_set_errors.tolist() == [0, 0]
