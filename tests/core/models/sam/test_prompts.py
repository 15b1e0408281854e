"""Prompts of masks."""

from __future__ import annotations

import torch

from core.models.sam.prompts import EMPTY_BOX, foreground_points, mask_boxes, noisy_masks


def test_boxes_end_on_the_last_pixel_and_do_not_exchange_the_axes() -> None:
    masks = torch.zeros(2, 6, 10)
    masks[0, 1:3, 4:9] = 255

    assert mask_boxes(masks).tolist() == [[4, 1, 8, 2], list(EMPTY_BOX)]


def test_a_mask_of_one_row_has_a_box() -> None:
    assert mask_boxes(torch.full((1, 1, 7), 255.0)).tolist() == [[0, 0, 6, 0]]


def test_points_are_x_and_y() -> None:
    mask = torch.zeros(4, 9)
    mask[2, 7] = 129

    assert foreground_points(mask, torch.tensor([0]), 10).tolist() == [[7, 2]]
    assert foreground_points(torch.zeros(4, 9), torch.empty(0, dtype=torch.int64), 10).shape == (0, 2)


def test_noise_changes_the_edge_alone() -> None:
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 16:48, 16:48] = 255

    found = noisy_masks(mask, torch.full_like(mask, 9.0))

    assert found[0, 0, 32, 32] == 255
    assert found[0, 0, 2, 2] == 0
    assert found[0, 0, 15, 32] == 255
