"""Prompts from masks: boxes, points and noisy masks (CoSAM 3.5)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

THRESHOLD = 128.0
"""Values of a mask above this are foreground."""
EMPTY_BOX = (1e8, 1e8, 0.0, 0.0)
"""Box of an empty mask."""
NOISE_EDGE = 0.01
"""A pixel belongs to a mask's edge when coarsening the mask changes its value by at least this."""
COARSE = 8
"""Factor by which a mask is coarsened to find its edge."""


def mask_boxes(masks: Tensor, threshold: float = THRESHOLD) -> Tensor:
    """Return the box around the foreground of each mask; the last row and column belong to it.

    Args:
        masks: (N, H, W) values in [0, 255].
        threshold: above which a pixel is foreground.

    Returns:
        (N, 4) float32 x1, y1, x2, y2 in pixels; `EMPTY_BOX` for a mask without foreground.
    """
    # The maximum of bytes is twenty times as fast as `any` of booleans.
    foreground = (masks > threshold).view(torch.uint8)
    columns, rows = foreground.amax(dim=1), foreground.amax(dim=2)
    (first_x, last_x), (first_y, last_y) = _extent(columns), _extent(rows)
    boxes = torch.stack([first_x, first_y, last_x, last_y], dim=1).float()
    is_empty = rows.amax(dim=1) == 0
    return torch.where(is_empty[:, None], boxes.new_tensor(EMPTY_BOX), boxes)


def foreground_points(mask: Tensor, permutation: Tensor, count: int, threshold: float = THRESHOLD) -> Tensor:
    """Return some of a mask's foreground pixels.

    Args:
        mask: (H, W) values in [0, 255].
        permutation: (F,) int64 order of the F foreground pixels, which are numbered row by row.
        count: how many of them to return; all if there are fewer.
        threshold: above which a pixel is foreground.

    Returns:
        (n, 2) float32 x, y with n = min(F, count).
    """
    rows_and_columns = (mask > threshold).nonzero()
    return rows_and_columns[permutation[:count]].flip(1).float()


def noisy_masks(masks: Tensor, noise: Tensor) -> Tensor:
    """Return masks with noise along their edges, as hard masks.

    Args:
        masks: (N, 1, h, w) values in [0, 255], at the size of the prompt encoder's masks.
        noise: (N, 1, h, w) standard normal draws.

    Returns:
        (N, 1, h, w) of 0 and 255.
    """
    height, width = masks.shape[-2:]
    values = masks / 255
    coarse = F.interpolate(values, (max(1, height // COARSE), max(1, width // COARSE)), mode="bilinear")
    smooth = F.interpolate(coarse, (height, width), mode="bilinear")
    is_edge = (values - smooth).abs() >= NOISE_EDGE
    return 255.0 * (values + noise * is_edge > 0.5)


def _extent(present: Tensor) -> tuple[Tensor, Tensor]:
    """Return the first and the last set position of each row of (N, L) bytes of 0 and 1."""
    first = present.argmax(dim=1)
    last = present.shape[1] - 1 - present.flip(1).argmax(dim=1)
    return first, last
