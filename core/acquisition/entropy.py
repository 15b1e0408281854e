"""Entropies as STAL and RIPU compute them: with 1e-6 in the logarithm, so that a recorded value can be reproduced."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.acquisition.upsampling import map_at_size

EPSILON = 1e-6
"""Stands in every logarithm of the two published codes; a certain pixel has an entropy of about −1e-6."""

CITYSCAPES_CLASSES = 19


def log_classes(num_classes: int, log19: bool = False) -> float:
    """Return ln C, the largest entropy of C classes, by which maps are divided.

    Args:
        num_classes: C.
        log19: REFERENCE: divides by ln 19 whatever C is. The ranking is the same.

    Raises:
        ValueError: if there is but one class, of which nothing is uncertain.
    """
    if num_classes < 2:
        raise ValueError(f"logits have {num_classes} channel(s); uncertainty among classes needs at least 2")
    return math.log(CITYSCAPES_CLASSES if log19 else num_classes)


def class_probs(logits: Tensor) -> Tensor:
    """Return the softmax of logits (B, C, H, W) over C, in float32 at least: 1e-6 is nothing in half precision."""
    return logits.softmax(dim=1, dtype=torch.promote_types(logits.dtype, torch.float32))


def smoothed_entropy(probs: Tensor) -> Tensor:
    """Return −Σ_c p_c·ln(p_c + 1e-6) over dimension 1, in nats.

    Args:
        probs: (B, C, H, W) that sum to 1 over C.

    Returns:
        (B, H, W) in [−1e-6, ln C].
    """
    # One temporary of this size and not three: on a CPU it is fetching the memory that takes the time.
    return -(probs + EPSILON).log_().mul_(probs).sum(dim=1)


def shifted_logits(logits: Tensor) -> Tensor:
    """Return logits (B, C, H, W) less the largest of their pixel, in float32 at least; infinities become finite."""
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    # e^-1000 is 0 in either precision, and its product with the exponent is not 0·∞.
    return (logits - logits.amax(dim=1, keepdim=True)).clamp_(min=-1000)


def smoothed_logit_entropy(logits: Tensor) -> Tensor:
    """Return `smoothed_entropy` of the softmax of logits (B, C, H, W), with fewer passes over the memory.

    With m_c = e^(z_c − max z) and s = Σ m it is ln s − Σ_c m_c·ln(m_c + 1e-6·s) / s.
    """
    mass = shifted_logits(logits).exp_()
    total = mass.sum(dim=1, keepdim=True)
    weighted = (mass + EPSILON * total).log_().mul_(mass).sum(dim=1)
    return total[:, 0].log() - weighted / total[:, 0]


def image_entropy(logits: Tensor, size: tuple[int, int] | None = None, log19: bool = False) -> Tensor:
    """Return STAL's score of images, mean over pixels of −Σ_c p_c·ln(p_c + 1e-6) / ln C (STAL 6.1).

    Args:
        logits: (B, C, h, w).
        size: height and width of the original image, to which logits are brought first (bilinear, corners aligned);
            None leaves them as they are.
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
