"""Pseudo labels: the old model's classes on pixels that the new label calls background (EIR 4.4, step 2)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK_ELEMENTS = 2**25
"""Probabilities computed at a time, so that peak memory does not grow with batch and classes."""


def confidence(logits: Tensor, first_channel: int = 0) -> tuple[Tensor, Tensor]:
    """Return the largest probability over the channels from `first_channel` on, and its channel. Ties go to the first.

    Args:
        logits: (B, T, H, W).
        first_channel: 0 includes the background, 1 leaves it out.

    Returns:
        (B, H, W) float32 in [0, 1], and (B, H, W) int64 channels.
    """
    probs, channels = logits[:, first_channel:].float().sigmoid().max(dim=1)
    return probs, channels + first_channel


def pseudo_label(labels: Tensor, old_logits: Tensor, threshold: float = 0.7, foreground_only: bool = False) -> Tensor:
    """Replace background by the old model's class if that is an old class with probability >= `threshold`.

    Other labels, 255 included, stay.

    Args:
        labels: (B, H, W) int64 channel indices or 255.
        old_logits: (B, T, h, w) of the old model, background first; upsampled bilinearly where smaller than the labels.
        threshold: θ, compared with >=.
        foreground_only: leave the background out of the argmax, as DKD-M does for its memory (threshold 0.9).

    Returns:
        (B, H, W) int64.
    """
    pixels = labels.shape[-2] * labels.shape[-1]
    images_at_a_time = max(1, CHUNK_ELEMENTS // (old_logits.shape[1] * pixels))
    chunks = zip(torch.split(labels, images_at_a_time), torch.split(old_logits, images_at_a_time), strict=True)
    return torch.cat([_pseudo_label(label, logits, threshold, foreground_only) for label, logits in chunks])


def _pseudo_label(labels: Tensor, old_logits: Tensor, threshold: float, foreground_only: bool) -> Tensor:
    if old_logits.shape[-2:] != labels.shape[-2:]:
        old_logits = F.interpolate(old_logits.float(), labels.shape[-2:], mode="bilinear", align_corners=False)
    probs, channels = confidence(old_logits, first_channel=int(foreground_only))
    return torch.where((labels <= 0) & (channels > 0) & (probs >= threshold), channels, labels)
