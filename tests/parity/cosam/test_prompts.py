"""Boxes, points and noisy masks (CoSAM 3.5)."""

from __future__ import annotations

import numpy as np
import torch

from core.models.sam.prompts import foreground_points, mask_boxes, noisy_masks
from tests.support.parity import assert_close, load_case

MOST_FLIPPED = 0.005


def test_boxes_are_the_recorded_ones() -> None:
    case = load_case("cosam", "boxes")

    assert_close(mask_boxes(torch.from_numpy(case["masks"])), case["boxes"], 0)


def test_points_are_the_recorded_ones() -> None:
    case = load_case("cosam", "sample_points")
    count = int(case["k"])
    for mask, order, expected in zip(case["masks"], case["perms"], case["points"], strict=True):
        permutation = torch.from_numpy(order[order >= 0])
        assert_close(foreground_points(torch.from_numpy(mask), permutation, count), expected, 0)


def test_a_mask_of_few_pixels_gives_all_of_them() -> None:
    case = load_case("cosam", "sample_points")
    mask = torch.from_numpy(case["few_mask"][0])
    permutation = torch.arange(int((mask > 128).sum())).flip(0)

    assert_close(foreground_points(mask, permutation, int(case["k"])), case["few_points"][0], 0)


def test_noisy_masks_are_the_recorded_ones() -> None:
    case = load_case("cosam", "noise_mask")

    found = noisy_masks(torch.from_numpy(case["masks"]), torch.from_numpy(case["noise"])).numpy()

    assert set(np.unique(found)) <= {0.0, 255.0}
    assert (found != case["noisy"]).mean() <= MOST_FLIPPED
