"""Confidence of each class, and the images that show it (AEL, NeurIPS 2021; STAL 4.3, 4.5); all on the device."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX


def class_confidence(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return each class's mean predicted probability over its pixels, and which classes are present.

    Args:
        logits: (B, C, H, W), the student's.
        labels: (B, H, W) int64 ground truth or 255.

    Returns:
        (C,) confidence in [0, 1], 0 for an absent class; (C,) bool.
    """
    num_classes = logits.shape[1]
    valid = labels != IGNORE_INDEX
    own = torch.where(valid, labels, 0)
    probability = logits.detach().softmax(dim=1).gather(1, own[:, None])[:, 0]
    bins = torch.where(valid, labels, num_classes).flatten()
    sums = probability.new_zeros(num_classes + 1).index_add_(0, bins, probability.flatten())[:num_classes]
    counts = torch.zeros_like(bins, dtype=probability.dtype).add_(1)
    counts = probability.new_zeros(num_classes + 1).index_add_(0, bins, counts)[:num_classes]
    return sums / counts.clamp(min=1), counts > 0


def update_confidence(
    bank: Tensor, confidence: Tensor, present: Tensor, momentum: float = 0.999, decay_absent: bool = False
) -> Tensor:
    """Return r_c ← m·r_c + (1 − m)·conf_c.

    REFERENCE: classes absent from the batch decay towards 0; `decay_absent` reproduces it.

    Args:
        bank: (C,) r.
        confidence: (C,) of `class_confidence`.
        present: (C,) bool of `class_confidence`.
        momentum: m.
        decay_absent: follow the reference.
    """
    moved = momentum * bank + (1 - momentum) * confidence
    return moved if decay_absent else torch.where(present, moved, bank)


def paste_distribution(bank: Tensor, classes: Tensor) -> Tensor:
    """Return the probability of each of `classes` (n,) to be pasted: softmax of √(1 − r), (n,)."""
    return (1 - bank[classes]).sqrt().softmax(dim=0)


def mix_distribution(bank: Tensor, smooth: bool = False) -> Tensor:
    """Return the probability of each class to be mixed in: softmax of 1 − r, or of its cube root if `smooth`, (C,)."""
    doubt = 1 - bank
    return (doubt ** (1 / 3) if smooth else doubt).softmax(dim=0)


def classes_shown(logits: Tensor, area_share: float = 0.01) -> Tensor:
    """Return the classes that fill at least a share of a crop in the teacher's prediction.

    Args:
        logits: (B, C, h, w), the teacher's.
        area_share: least share of h·w; a class without a pixel is never shown.

    Returns:
        (B, C) bool.
    """
    num_classes, pixels = logits.shape[1], logits.shape[2] * logits.shape[3]
    prediction = logits.argmax(dim=1).flatten(1)  # (B, P)
    counts = torch.zeros(len(prediction), num_classes, dtype=torch.long, device=logits.device)
    counts.scatter_add_(1, prediction, torch.ones_like(prediction))
    return (counts > 0) & (counts >= area_share * pixels)


def record_presence(presence: Tensor, images: Tensor, shown: Tensor) -> Tensor:
    """Write the classes that images show into the bank, in place.

    Args:
        presence: (C, N), 1 if image n showed class c in its latest view.
        images: (B,) int64 columns.
        shown: (B, C) bool of `classes_shown`.

    Returns:
        The bank.
    """
    presence[:, images] = shown.T.to(presence.dtype)
    return presence
