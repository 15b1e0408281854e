"""Hard labels from the stored probabilities of a target's classifier (CoaST 4.2)."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.engine.inference import resize_logits

GRID_SHARE = 4
"""Side in crop pixels of one cell of the grid on which a target's losses are computed."""


def on_grid(probs: Tensor) -> Tensor:
    """Resample a crop's soft labels (B, C, H, W) to the grid of the losses, (B, C, H/4, W/4)."""
    height, width = probs.shape[-2:]
    return resize_logits(probs, (height // GRID_SHARE, width // GRID_SHARE))


def hard_labels(probs: Tensor, threshold: float = -1.0, ignore_index: int = IGNORE_INDEX) -> Tensor:
    """Return the most probable class of every pixel, or `ignore_index` if its probability is too low.

    Args:
        probs: (B, C, h, w), at least 0. A pixel of zeros is padding and gets no label.
        threshold: least share of the pixel's sum; a negative threshold keeps every pixel except padding.
        ignore_index: label of all other pixels.

    Returns:
        (B, h, w) int64; ties go to the lowest class.
    """
    highest, labels = probs.max(dim=1)
    total = probs.sum(dim=1)
    is_doubtful = (total <= 0) | (highest < threshold * total)
    return torch.where(is_doubtful, ignore_index, labels)
