"""The style of feature maps or images: mean and deviation of every channel, and how to change it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Style(NamedTuple):
    """Mean and deviation of each channel of each image, (B, C, 1, 1)."""

    mean: Tensor
    deviation: Tensor


def style_of(features: Tensor, epsilon: float = 1e-5) -> Style:
    """Return the style of (B, C, h, w).

    Args:
        features: half precision is converted to float32 first.
        epsilon: added to the unbiased variance before the root.

    Raises:
        ValueError: if a map has a single pixel and thus no variance.
    """
    if features.shape[-2:].numel() < 2:
        raise ValueError(f"features of shape {tuple(features.shape)} have no variance; use larger images")
    precise = features.float() if features.dtype in (torch.bfloat16, torch.float16) else features
    variance, mean = torch.var_mean(precise, dim=(2, 3), keepdim=True)
    return Style(mean, (variance + epsilon).sqrt())


def restyle(features: Tensor, own: Style, style: Style) -> Tensor:
    """Return (features − own mean)/own deviation·deviation + mean."""
    return (features - own.mean) / own.deviation * style.deviation + style.mean
