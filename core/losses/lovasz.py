"""Lovász losses: convex surrogates of the Jaccard index (Berman et al., CVPR 2018; EIR 4.5).

All classes and images are sorted in one call, and ignored pixels are sorted last, so nothing waits for the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX

ClassChoice = Literal["present", "all"] | Sequence[int]
"""The classes that a mean counts: those among the labels, all, or a list."""


def jaccard_gradient(foreground: Tensor) -> Tensor:
    """Return the gradient of the Lovász extension of the Jaccard loss: g_1 = J_1, g_i = J_i − J_{i−1}.

    J_i = 1 − (G − Σ_{j≤i} fg_j)/(G + Σ_{j≤i} (1 − fg_j)) with G = Σ fg.

    Args:
        foreground: (..., P) 0 or 1, in the descending order of the errors.

    Returns:
        (..., P).
    """
    count = foreground.sum(dim=-1, keepdim=True)
    intersection = count - foreground.cumsum(dim=-1)
    union = count + (1 - foreground).cumsum(dim=-1)
    jaccard = 1 - intersection / union
    return torch.cat([jaccard[..., :1], jaccard.diff(dim=-1)], dim=-1)


def lovasz_softmax(
    probs: Tensor,
    labels: Tensor,
    classes: ClassChoice = "present",
    per_image: bool = False,
    ignore_index: int = IGNORE_INDEX,
) -> Tensor:
    """Return the Lovász-softmax loss: the mean over classes of ⟨sorted errors |fg − p_c|, Jaccard gradient⟩.

    Args:
        probs: (B, C, H, W) in [0, 1].
        labels: (B, H, W) int64 classes or `ignore_index`.
        classes: which classes the mean counts.
        per_image: whether the loss is the mean over images; otherwise the batch counts as one image.
        ignore_index: label value of pixels that do not count.

    Returns:
        Scalar; 0 with zero gradient when no class counts.
    """
    num_classes = probs.shape[1]
    counts = _by_image((labels != ignore_index)[:, None], per_image)  # (I, 1, P)
    ids = torch.arange(num_classes, device=labels.device)
    foreground = _by_image((labels[:, None] == ids[:, None, None]).to(probs.dtype), per_image)  # (I, C, P)
    errors = (foreground - _by_image(probs, per_image)).abs()
    losses = _sorted_product(errors, foreground, counts)  # (I, C)
    weights = _class_weights(foreground, classes)
    return ((losses * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)).mean()


def lovasz_hinge(logits: Tensor, labels: Tensor, per_image: bool = True, ignore_index: int = IGNORE_INDEX) -> Tensor:
    """Return the binary Lovász hinge: ⟨relu of the sorted errors 1 − z·sign, Jaccard gradient⟩.

    Args:
        logits: (B, H, W); positive means foreground.
        labels: (B, H, W) int64: 1 foreground, 0 background, or `ignore_index`.
        per_image: whether the loss is the mean over images; otherwise the batch counts as one image.
        ignore_index: label value of pixels that do not count.

    Returns:
        Scalar; 0 with zero gradient when no pixel counts.
    """
    counts = _by_image((labels != ignore_index)[:, None], per_image)
    foreground = _by_image((labels == 1).to(logits.dtype)[:, None], per_image)
    errors = 1 - _by_image(logits[:, None], per_image) * (2 * foreground - 1)
    return _sorted_product(errors, foreground, counts).mean()


def _by_image(maps: Tensor, per_image: bool) -> Tensor:
    """Return (B, C, H·W) of (B, C, H, W), or (1, C, B·H·W) where the batch counts as one image."""
    flat = maps.flatten(2)
    return flat if per_image else flat.transpose(0, 1).flatten(1)[None]


def _sorted_product(errors: Tensor, foreground: Tensor, counts: Tensor) -> Tensor:
    """Return ⟨relu(errors), Jaccard gradient⟩ over the pixels that count, (I, C)."""
    keys, order = torch.where(counts, errors, -torch.inf).sort(dim=-1, descending=True)
    gradient = jaccard_gradient((foreground * counts).gather(-1, order))
    return (keys.relu() * gradient.detach()).sum(dim=-1)


def _class_weights(foreground: Tensor, classes: ClassChoice) -> Tensor:
    """Return (I, C) 1 for each class that an image's mean counts."""
    if classes == "present":
        return (foreground.sum(dim=-1) > 0).to(foreground.dtype)
    weights = foreground.new_ones(foreground.shape[:2])
    if classes == "all":
        return weights
    chosen = torch.zeros_like(weights)
    chosen[:, list(map(int, classes))] = 1
    return chosen
