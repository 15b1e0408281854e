from __future__ import annotations

import torch

from core.methods.coast.pseudo_labels import hard_labels, on_grid


def columns(*pixels: tuple[float, ...]) -> torch.Tensor:
    """Return (1, C, 1, pixels) of each pixel's probabilities."""
    return torch.tensor(pixels).T[None, :, None]


def test_likeliest_class_wins_and_the_lowest_of_equals() -> None:
    probs = columns((0.2, 0.7, 0.1), (0.4, 0.2, 0.4), (0.1, 0.1, 0.8))

    assert hard_labels(probs).tolist() == [[[1, 0, 2]]]


def test_pixels_below_the_threshold_are_ignored_and_those_at_it_kept() -> None:
    probs = columns((0.25, 0.75), (0.5, 0.5), (0.49, 0.51))

    assert hard_labels(probs, 0.51).tolist() == [[[1, 255, 1]]]
    assert hard_labels(probs, 0.75, ignore_index=9).tolist() == [[[1, 9, 9]]]


def test_confidence_is_a_share_so_that_a_resized_label_is_judged_alike() -> None:
    assert hard_labels(columns((0.1, 0.3)), 0.75).tolist() == [[[1]]]


def test_padding_has_no_label_even_where_all_is_kept() -> None:
    assert hard_labels(columns((0.0, 0.0), (0.0, 1.0))).tolist() == [[[255, 1]]]


def test_grid_is_a_quarter_of_the_crop_with_the_corners_in_place() -> None:
    ramp = torch.arange(16.0).expand(1, 2, 8, 16)

    grid = on_grid(ramp)

    assert grid.shape == (1, 2, 2, 4)
    assert grid[0, 0, 0].tolist() == [0.0, 5.0, 10.0, 15.0]
