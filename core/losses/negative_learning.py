"""Negative learning: a pixel's improbable classes should become even less probable."""

from __future__ import annotations

import torch
from torch import Tensor

EPSILON = 1e-6


def negative_learning(logits: Tensor, threshold: float = 0.05) -> Tensor:
    """Push improbable classes further down, without labels.

    Sum over the entries with p < threshold of −ln(1 − p + 1e-6), divided by their number (RIPU, CVPR 2022;
    STAL 6.3). The choice of entries has no gradient.

    Args:
        logits: (B, C, H, W).
        threshold: probability under which a class counts as absent.

    Returns:
        Scalar; 0 with zero gradient when no entry is under the threshold.
    """
    probs = logits.softmax(dim=1)
    is_absent = probs.detach() < threshold
    losses = -(1 - probs + EPSILON).log()
    return torch.where(is_absent, losses, 0).sum() / is_absent.sum().clamp(min=1)
