"""Local consistency: at object borders, a pixel's prediction should stay close to its neighbours'."""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX

EPSILON = 1e-6

Discrepancy = Literal["l1", "kl"]


def local_consistency(logits: Tensor, labels: Tensor, form: Discrepancy = "l1") -> Tensor:
    """Return the mean discrepancy over labelled boundary pixels (RIPU, CVPR 2022; STAL 6.3).

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 class indices or 255.
        form: "l1" or "kl", see `local_discrepancy`.

    Returns:
        Scalar; 0 with zero gradient if no labelled pixel lies on a boundary.
    """
    counts = label_boundary(labels) & (labels != IGNORE_INDEX)
    discrepancy = local_discrepancy(logits.softmax(dim=1), form)
    return torch.where(counts, discrepancy, 0).sum() / counts.sum().clamp(min=1)


def local_discrepancy(probs: Tensor, form: Discrepancy = "l1") -> Tensor:
    """Return the distance of each pixel's prediction p from the mean m of the 3×3 pixels around it, itself included.

    "l1": Σ_c |p_c − m_c|. "kl": Σ_c p_c·ln(p_c/(m_c + 1e-6) + 1e-6).

    Args:
        probs: (B, C, H, W); outside the image the nearest pixel is repeated.
        form: "l1" or "kl".

    Returns:
        (B, H, W) ≥ −1e-6.
    """
    mean = F.avg_pool2d(F.pad(probs, (1, 1, 1, 1), mode="replicate"), kernel_size=3, stride=1)
    if form == "l1":
        return (probs - mean).abs().sum(dim=1)
    return (probs * (probs / (mean + EPSILON) + EPSILON).log()).sum(dim=1)


def label_boundary(labels: Tensor) -> Tensor:
    """Return where the 3×3 Laplacian of a label map (8·centre − neighbours, zero outside) is not 0.

    REFERENCE: treats ids as numbers. So every pixel at the image's border is a boundary unless its class is 0, a
    neighbour of 255 makes a boundary, and neighbours whose ids cancel make none.

    Args:
        labels: (B, H, W) int64.

    Returns:
        (B, H, W) boolean.
    """
    # Pooling takes no integers; sums of nine ids are exact in float32.
    around = F.avg_pool2d(labels[:, None].float(), kernel_size=3, stride=1, padding=1, divisor_override=1)[:, 0]
    return around != 9 * labels
