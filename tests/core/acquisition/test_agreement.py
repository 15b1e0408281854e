from __future__ import annotations

import numpy as np
import pytest

from core.acquisition.agreement import (
    PairCounts,
    class_iou,
    cohen_kappa,
    compare,
    fleiss_kappa,
    mean_iou,
    pixel_agreement,
    total,
)

IGNORE = 255
FIRST = np.array([[3, 3, 3, 7], [7, 7, IGNORE, 9]], np.uint8)
SECOND = np.array([[3, 3, 7, 7], [7, 3, IGNORE, IGNORE]], np.uint8)


def test_pixels_that_are_not_queried_play_no_part() -> None:
    counts = compare(FIRST, SECOND, np.array([[True, True, True, True], [False] * 4]))

    assert counts == PairCounts(4, {3: (3, 2, 2), 7: (1, 2, 1)})
    assert pixel_agreement(counts) == 3 / 4


def test_iou_is_zero_where_one_lacks_a_class_and_left_out_where_both_do() -> None:
    counts = compare(FIRST, SECOND, None)

    assert class_iou(counts, IGNORE) == {3: 2 / 4, 7: 2 / 4, 9: 0.0}
    assert mean_iou(counts, IGNORE) == pytest.approx(1 / 3)
    assert pixel_agreement(counts) == 5 / 8


def test_kappa_is_what_the_formula_gives_by_hand() -> None:
    counts = compare(FIRST, SECOND, None)
    by_chance = (3 * 3 + 3 * 3 + 1 * 2 + 1 * 0) / 64

    assert cohen_kappa(counts) == pytest.approx((5 / 8 - by_chance) / (1 - by_chance))


def test_fleiss_follows_the_votes_of_every_pixel() -> None:
    answers = [FIRST, SECOND, np.array([[3, 7, 7, 7], [7, 7, 9, 9]], np.uint8)]
    pairs = [compare(answers[one], answers[other], None) for one, other in ((0, 1), (0, 2), (1, 2))]

    votes = np.stack([(np.stack(answers) == raw_id).sum(axis=0) for raw_id in (3, 7, 9, IGNORE)], axis=-1)
    observed = ((votes**2).sum(axis=-1) - 3).mean() / (3 * 2)
    by_chance = ((votes.sum(axis=(0, 1)) / (8 * 3)) ** 2).sum()
    assert fleiss_kappa(pairs) == pytest.approx((observed - by_chance) / (1 - by_chance))


def test_nothing_gives_no_number_and_sums_are_over_queries() -> None:
    empty = total([])

    assert (pixel_agreement(empty), mean_iou(empty, IGNORE), cohen_kappa(empty), fleiss_kappa([])) == (None,) * 4
    assert cohen_kappa(compare(FIRST * 0, SECOND * 0, None)) is None
    assert total([compare(FIRST, SECOND, None)] * 2).classes[3] == (6, 6, 4)
