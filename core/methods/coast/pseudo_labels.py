"""Hard labels from the stored probabilities of a target's classifier (CoaST 4.2)."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.engine.inference import resize_logits

GRID_SHARE = 4
"""Pixels of the crop on a side of one cell of the grid on which the losses of a target are computed."""


def on_grid(probs: Tensor) -> Tensor:
    """Return soft labels (B, C, H, W) of a crop on the grid of the losses, (B, C, H/4, W/4)."""
    height, width = probs.shape[-2:]
    return resize_logits(probs, (height // GRID_SHARE, width // GRID_SHARE))


def hard_labels(probs: Tensor, threshold: float = -1.0, ignore_index: int = IGNORE_INDEX) -> Tensor:
    """Return the likeliest class of every pixel, or `ignore_index` where it is not likely enough.

    Args:
        probs: (B, C, h, w), at least 0; a pixel of nothing but zeros is padding, and has no label.
        threshold: least share of the pixel's sum; a negative one keeps every pixel that is not padding.
        ignore_index: label of the others.

    Returns:
        (B, h, w) int64; the lowest of equally likely classes.
    """
    highest, labels = probs.max(dim=1)
    total = probs.sum(dim=1)
    is_doubtful = (total <= 0) | (highest < threshold * total)
    return torch.where(is_doubtful, ignore_index, labels)
