"""The teacher's labels: choice of reliable pixels, and resizing (STAL 4.2, 4.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.engine.inference import resize_logits
from core.engine.teacher_view import TeacherView
from core.methods.stal.percentile import percentile

Size = Sequence[int]
"""(height, width)."""


class PixelMasks(NamedTuple):
    """Certain pixels (anchors and positives) and uncertain ones (negatives), both (B, 1, h, w) float 0 or 1."""

    low: Tensor
    high: Tensor


def drop_unreliable(view: TeacherView, percent: float, drop_low_entropy: bool = False) -> Tensor:
    """Return the labels with 255 at the unreliable pixels.

    PAPER: the most uncertain `percent` of the pixels, H ≥ percentile(H, 100 − percent).
    REFERENCE: the most certain ones, H < percentile(H, percent); `drop_low_entropy` reproduces it.

    Args:
        view: the teacher's view of the mixed images.
        percent: a(e) of `unreliable_percent`. 0 keeps all pixels except, by the published rule, those with maximum H.
        drop_low_entropy: follow the reference.
    """
    if drop_low_entropy:
        dropped = view.entropy < percentile(view.entropy, percent)
    else:
        dropped = view.entropy >= percentile(view.entropy, 100 - percent)
    return torch.where(dropped, IGNORE_INDEX, view.labels)


def with_known(view: TeacherView, known: Tensor) -> TeacherView:
    """Return a view with people's labels `known` (B, H, W) put in, fully certain; 255 = no label of a person."""
    is_open = known == IGNORE_INDEX
    return TeacherView(
        torch.where(is_open, view.labels, known),
        torch.where(is_open, view.confidence, 1.0),
        torch.where(is_open, view.entropy, 0.0),
    )


def confident_labels(view: TeacherView, threshold: float) -> Tensor:
    """Return the labels with 255 where the confidence is below a threshold; a threshold of 0 keeps all."""
    return torch.where(view.confidence < threshold, IGNORE_INDEX, view.labels)


def labelled_masks(labels: Tensor, size: Size) -> PixelMasks:
    """Return the masks of labelled images: every labelled pixel is certain and may also be a negative."""
    mask = shrink(labels != IGNORE_INDEX, size)
    return PixelMasks(mask, mask)


def unlabelled_masks(
    entropy: Tensor,
    labels: Tensor,
    size: Size,
    percents: tuple[float, float] = (20.0, 80.0),
    over_labelled: bool = False,
    any_negative: bool = False,
) -> PixelMasks:
    """Return the masks of unlabelled images: labelled pixels with H ≤ its lower or H ≥ its upper percentile.

    Args:
        entropy: (B, H, W), the teacher's on the mixed images.
        labels: (B, H, W), result of `drop_unreliable`.
        size: size of the representation.
        percents: lower and upper percentile; U2PL anneals them as (a(e), 100 − a(e)).
        over_labelled: take the percentiles over labelled pixels only, as U2PL does.
        any_negative: every pixel may be a negative (`negative_high_entropy: false`).
    """
    has_label = labels != IGNORE_INDEX
    counted = has_label if over_labelled else None
    low = (entropy <= percentile(entropy, percents[0], counted)) & has_label
    high = (entropy >= percentile(entropy, percents[1], counted)) & has_label
    return PixelMasks(shrink(low, size), shrink(torch.ones_like(high) if any_negative else high, size))


def shrink(mask: Tensor, size: Size) -> Tensor:
    """Resize a (B, H, W) mask by nearest neighbour to (B, 1, h, w) float; the spec's down()."""
    return F.interpolate(mask[:, None].float(), list(size), mode="nearest")


def small_onehot(labels: Tensor, num_classes: int, size: Size, batch_item_zero: bool = False) -> Tensor:
    """Return one-hot labels at another size; 255 becomes a zero vector.

    REFERENCE writes the labels of all images into batch item 0, whose pixels may then have several classes, and leaves
    the other items empty; `batch_item_zero` reproduces it.

    Args:
        labels: (B, H, W) int64 or 255.
        num_classes: C.
        size: (h, w).
        batch_item_zero: follow the reference.

    Returns:
        (B, C, h, w) int64.
    """
    small = F.interpolate(labels[:, None].float(), list(size), mode="nearest").long()  # (B, 1, h, w)
    onehot = torch.zeros(labels.shape[0], num_classes + 1, *size, dtype=torch.long, device=labels.device)
    onehot = onehot.scatter_(1, torch.where(small == IGNORE_INDEX, num_classes, small), 1)[:, :num_classes]
    if batch_item_zero:
        first = onehot.amax(dim=0, keepdim=True)
        onehot = torch.cat([first, torch.zeros_like(onehot[1:])])
    return onehot


def small_probs(logits: Tensor, size: Size) -> Tensor:
    """Return the probabilities of full-size logits (B, C, H, W) at the size of the representation."""
    return resize_logits(logits, size).softmax(dim=1)
