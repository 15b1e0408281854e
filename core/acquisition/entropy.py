"""Entropies as in STAL and RIPU: with 1e-6 in the logarithm, so that recorded values can be reproduced."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.acquisition.upsampling import map_at_size

EPSILON = 1e-6
"""Added inside every logarithm, as in both published codes. A certain pixel has an entropy of about −1e-6."""

CITYSCAPES_CLASSES = 19


def log_classes(num_classes: int, log19: bool = False) -> float:
    """Return ln C, the largest entropy of C classes, which normalises the maps.

    Args:
        num_classes: C.
        log19: REFERENCE: divides by ln 19 whatever C is. The ranking is the same.

    Raises:
        ValueError: if there are fewer than 2 classes.
    """
    if num_classes < 2:
        raise ValueError(f"logits have {num_classes} channel(s); uncertainty among classes needs at least 2")
    return math.log(CITYSCAPES_CLASSES if log19 else num_classes)


def class_probs(logits: Tensor) -> Tensor:
    """Return the softmax of logits (B, C, H, W) over C, at least in float32: half precision would lose 1e-6."""
    return logits.softmax(dim=1, dtype=torch.promote_types(logits.dtype, torch.float32))


def smoothed_entropy(probs: Tensor) -> Tensor:
    """Return −Σ_c p_c·ln(p_c + 1e-6) over dimension 1, in nats.

    Args:
        probs: (B, C, H, W) that sum to 1 over C.

    Returns:
        (B, H, W) in [−1e-6, ln C].
    """
    # One temporary instead of three: on a CPU, memory traffic dominates.
    return -(probs + EPSILON).log_().mul_(probs).sum(dim=1)


def shifted_logits(logits: Tensor) -> Tensor:
    """Return logits (B, C, H, W) minus the largest of their pixel, at least in float32 and clamped to finite values."""
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    # e^-1000 is 0 in both precisions, and 0·(−1000) is 0, where 0·∞ would be NaN.
    return (logits - logits.amax(dim=1, keepdim=True)).clamp_(min=-1000)


def smoothed_logit_entropy(logits: Tensor) -> Tensor:
    """Return `smoothed_entropy` of the softmax of logits (B, C, H, W), with fewer passes over the memory.

    With m_c = e^(z_c − max z) and s = Σ m, the entropy is ln s − Σ_c m_c·ln(m_c + 1e-6·s) / s.
    """
    mass = shifted_logits(logits).exp_()
    total = mass.sum(dim=1, keepdim=True)
    weighted = (mass + EPSILON * total).log_().mul_(mass).sum(dim=1)
    return total[:, 0].log() - weighted / total[:, 0]


def image_entropy(logits: Tensor, size: tuple[int, int] | None = None, log19: bool = False) -> Tensor:
    """Return STAL's score of images: the mean over pixels of −Σ_c p_c·ln(p_c + 1e-6) / ln C (STAL 6.1).

    Args:
        logits: (B, C, h, w).
        size: height and width of the original image. Logits are first resized to it (bilinear, corners aligned);
            None keeps their size.
        log19: REFERENCE: divides by ln 19 whatever C is.

    Returns:
        (B,) float64 in [−1e-6, 1].

    Raises:
        ValueError: if there are fewer than 2 classes or no pixels.
    """
    scale = log_classes(logits.shape[1], log19)
    if not logits.shape[-2] * logits.shape[-1]:
        raise ValueError(f"logits of shape {tuple(logits.shape)} have no pixel to score")
    height, width = size or logits.shape[-2:]
    entropy = map_at_size(smoothed_logit_entropy, logits, (height, width))
    return entropy.mean(dim=(1, 2), dtype=torch.float64) / scale
