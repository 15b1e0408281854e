from __future__ import annotations

import numpy as np
import pytest

from core.acquisition.query_masks import (
    QueryMasks,
    greedy_maxima,
    pixels_per_round,
    regions_per_round,
    select_pixels,
    select_regions,
)


def full_scan(score: np.ndarray, blocked: np.ndarray, blocking_px: int, count: int) -> list[list[int]]:
    """Choose by scanning the whole map each time, columns first."""
    left, picks = np.where(blocked, -np.inf, score), []
    while len(picks) < count and left.max() > -np.inf:
        column, row = divmod(int(left.T.argmax()), left.shape[0])
        left[
            max(row - blocking_px, 0) : row + blocking_px + 1, max(column - blocking_px, 0) : column + blocking_px + 1
        ] = -np.inf
        picks.append([row, column])
    return picks


def test_a_window_is_selected_and_twice_its_radius_blocked() -> None:
    score = np.zeros((5, 7))
    score[2, 1] = 1

    masks, centres = select_regions(score, QueryMasks.blank(5, 7), radius_px=1, count=1)

    assert centres.tolist() == [[2, 1]]
    assert masks.selected.astype(int).tolist() == [
        [0, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]
    assert masks.blocked.astype(int).tolist() == [[1, 1, 1, 1, 0, 0, 0]] * 5


def test_a_pixel_blocks_its_window_and_is_selected_alone() -> None:
    score = np.arange(12.0).reshape(3, 4)

    masks, centres = select_pixels(score, QueryMasks.blank(3, 4), radius_px=1, count=2)

    # (2, 3) is highest and blocks rows 1-2 of columns 2-3; (2, 1) is next and blocks rows 1-2 of columns 0-2.
    assert centres.tolist() == [[2, 3], [2, 1]]
    assert masks.selected.sum() == 2
    assert masks.blocked.astype(int).tolist() == [[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]]


def test_ties_go_to_the_smallest_column_then_the_smallest_row() -> None:
    _, centres = select_pixels(np.zeros((2, 2)), QueryMasks.blank(2, 2), radius_px=0, count=4)

    assert centres.tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]]


def test_rounds_continue_where_the_last_one_ended_and_stop_when_nothing_is_left() -> None:
    score, masks = np.arange(9.0).reshape(1, 9), QueryMasks.blank(1, 9)
    truth = np.array([[3, 3, 3, 4, 4, 4, 255, 5, 5]])

    first, _ = select_regions(score, masks, radius_px=1, count=1)
    first = first.answered(truth)
    second, centres = select_regions(score, first, radius_px=1, count=9)
    second = second.answered(truth)

    # 8 is highest: its window 7-8 is answered and 6-8 blocked; then 5 (4-6) and 2 (1-3).
    assert first.labels.tolist() == [[255] * 7 + [5, 5]]
    assert centres.tolist() == [[0, 5], [0, 2]]
    assert second.labels.tolist() == [[255, 3, 3, 4, 4, 4, 255, 5, 5]]
    assert select_regions(score, second, radius_px=1, count=9)[1].tolist() == []
    assert not masks.selected.any()


@pytest.mark.parametrize("seed", range(12))
def test_picks_equal_a_full_scan(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width, blocking_px = (int(value) for value in rng.integers((1, 1, 0), (30, 30, 9)))
    score = rng.integers(0, 6, (height, width)).astype(np.float32) * (-1) ** seed
    blocked = rng.random((height, width)) < 0.2

    picks = greedy_maxima(score, blocked, blocking_px, 25)

    assert picks.tolist() == full_scan(score, blocked, blocking_px, 25)


def test_an_image_smaller_than_the_window_gives_one_region() -> None:
    masks, centres = select_regions(np.ones((2, 3)), QueryMasks.blank(2, 3), radius_px=9, count=5)

    assert centres.tolist() == [[0, 0]]
    assert masks.selected.all()


def test_nothing_is_chosen_from_nothing_or_for_nothing() -> None:
    assert select_regions(np.ones((0, 3)), QueryMasks.blank(0, 3), 1, 2)[1].shape == (0, 2)
    assert select_regions(np.ones((2, 3)), QueryMasks.blank(2, 3), 1, 0)[1].shape == (0, 2)


def test_what_cannot_be_chosen_from_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        select_regions(np.array([[np.nan]]), QueryMasks.blank(1, 1), 1, 1)
    with pytest.raises(ValueError, match="has shape"):
        select_regions(np.ones((2, 2)), QueryMasks.blank(2, 3), 1, 1)
    with pytest.raises(ValueError, match="neither can be negative"):
        select_pixels(np.ones((2, 2)), QueryMasks.blank(2, 2), 1, -1)


def test_picks_a_round_are_rounded_up() -> None:
    # 2048·1024·(0.05/5)/9 = 2330.2 and 40/5/819200·2097152 = 20.48: the published 2331 and 21.
    assert regions_per_round((1024, 2048), 0.05, 5, 1) == 2331
    assert pixels_per_round(40, 5) == 21
    assert pixels_per_round(40, 5, (640, 1280)) == 8


def test_budgets_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 1"):
        regions_per_round((10, 10), 0, 5, 1)
    with pytest.raises(ValueError, match="at most 1"):
        regions_per_round((10, 10), 1.1, 5, 1)
    with pytest.raises(ValueError, match="0 rounds"):
        regions_per_round((10, 10), 0.1, 0, 1)
    with pytest.raises(ValueError, match="must be over 0"):
        pixels_per_round(0, 5)
