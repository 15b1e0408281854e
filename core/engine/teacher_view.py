"""A teacher's output for every pixel: label, probability and entropy."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

_TINY = 1e-10


class TeacherView(NamedTuple):
    """The teacher's output for a batch of images, all (B, H, W): labels, their probability, and the entropy in nats."""

    labels: Tensor
    confidence: Tensor
    entropy: Tensor


def teacher_view(logits: Tensor) -> TeacherView:
    """Return label, confidence and entropy −Σ p ln(p + 1e-10) of each pixel of (B, C, H, W) logits."""
    probs = logits.softmax(dim=1)
    confidence, labels = probs.max(dim=1)
    return TeacherView(labels, confidence, pixel_entropy(probs))


def pixel_entropy(probs: Tensor) -> Tensor:
    """Return −Σ_c p ln(p + 1e-10) of (B, C, H, W) probabilities, (B, H, W) in nats."""
    return -(probs * (probs + _TINY).log()).sum(dim=1)
