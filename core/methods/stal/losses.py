"""The supervised and self-training losses of STAL (STAL 4.2 and 4.6). Pixels are weighted, never indexed."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.methods.stal.percentile import percentile

CITYSCAPES_WEIGHTS = (
    0.4762, 0.5, 0.4762, 1.4286, 1.1111, 0.4762, 0.8333, 0.5, 0.5, 0.8333,
    0.5263, 0.5882, 1.4286, 0.5, 3.3333, 5.0, 10.0, 2.5, 0.8333,
)  # fmt: skip
"""Class weights of the published OHEM option, by train id."""
RARE_CLASSES = (3, 4, 5, 6, 9, 12, 14, 16, 17, 18)
"""Train ids of the second term of `weighted_cross_entropy`."""
_TINY = 1e-12


def ohem_cross_entropy(
    logits: Tensor, labels: Tensor, thresh: float = 0.7, min_kept: int = 100_000, class_weight: Tensor | None = None
) -> Tensor:
    """Cross-entropy of the hardest pixels: those whose true class has a probability of at most t.

    t is the larger of `thresh` and the `min_kept`-th smallest probability of the ground truth; ties are kept. With
    fewer than `min_kept` labelled pixels all are kept (online hard example mining, as in AEL, NeurIPS 2021).

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 or 255.
        thresh: probability up to which a pixel is hard.
        min_kept: least number of kept pixels in the batch; 0 switches mining off, as in the recorded reference.
        class_weight: (C,) weights of a weighted mean.

    Returns:
        Scalar mean over the kept pixels; 0 with zero gradient when there is none.
    """
    valid = labels != IGNORE_INDEX
    with torch.no_grad():
        confidence = _own_probability(logits, labels, valid)
        threshold = confidence.new_full((), thresh if 0 < min_kept <= confidence.numel() else torch.inf)
        if 0 < min_kept <= confidence.numel():
            # Unlabelled pixels sort last, so with too few labelled pixels the threshold is infinite and keeps all.
            kth = torch.where(valid, confidence, torch.inf).flatten().kthvalue(min_kept).values
            threshold = torch.maximum(threshold, kth)
        kept = valid & (confidence <= threshold)
    return _masked_cross_entropy(logits, labels, kept, class_weight)


def weighted_cross_entropy(logits: Tensor, labels: Tensor, rare_classes: Tensor | None = None) -> Tensor:
    """Mean cross-entropy, plus the mean over pixels of the rare classes if these are given.

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 or 255.
        rare_classes: (C,) with 1 for the classes of the second term, else 0.
    """
    valid = labels != IGNORE_INDEX
    loss = _masked_cross_entropy(logits, labels, valid, None)
    return loss if rare_classes is None else loss + _masked_cross_entropy(logits, labels, valid, rare_classes)


def mean_cross_entropy(logits: Tensor, labels: Tensor, class_weights: Tensor | None = None) -> Tensor:
    """Weighted mean of the cross-entropy over the labelled pixels. A class of weight 0 is ignored.

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 or 255.
        class_weights: (C,), at least 0; None = equal weights.

    Returns:
        Σ w_y·ce / Σ w_y; 0 if all weights are 0.
    """
    return _masked_cross_entropy(logits, labels, labels != IGNORE_INDEX, class_weights)


def sampling_rate(class_confidence: Tensor, gamma: float = 1.0) -> Tensor:
    """Return q_c = ((1 − r_c) / max_k (1 − r_k))^γ₂ of (C,) confidences, the classes' sampling rates (4.3)."""
    doubt = 1 - class_confidence
    return (doubt / (doubt.max() + _TINY)) ** gamma


def consistency_loss(
    logits: Tensor,
    pseudo_labels: Tensor,
    confidence: Tensor,
    gamma: float = 2.0,
    rate: Tensor | None = None,
    draws: Tensor | None = None,
) -> Tensor:
    """Cross-entropy against the teacher's labels, weighted by its confidence: Σ w/Σw · ce with w = conf^γ (4.6).

    With `rate`, a pixel is sampled with probability q of the student's predicted class (AEL's sampling). The sum of w
    includes ignored pixels, so the loss shrinks with the share of reliable pixels.

    Args:
        logits: (B, C, H, W), the student's.
        pseudo_labels: (B, H, W) int64, the teacher's, or 255.
        confidence: (B, H, W), the teacher's, in [0, 1].
        gamma: exponent of the confidence.
        rate: (C,) sampling rates of `sampling_rate`; None = use every pixel.
        draws: (B, H, W) or (H, W) uniform numbers in [0, 1) for the sampling; needed with `rate`.

    Raises:
        ValueError: if only one of `rate` and `draws` is given.
    """
    if (rate is None) != (draws is None):
        raise ValueError("sampled consistency needs both the classes' rates and the uniform draws, or neither")
    with torch.no_grad():
        weight = confidence**gamma
        if rate is not None and draws is not None:
            weight = weight * (draws > 1 - rate[logits.argmax(dim=1)])
        weight = weight / (weight.sum() + _TINY)
    loss = F.cross_entropy(logits, pseudo_labels, ignore_index=IGNORE_INDEX, reduction="none")
    return (weight * loss).sum()


def reverse_cross_entropy(logits: Tensor, labels: Tensor, floor: float = 1e-4) -> Tensor:
    """Cross-entropy with prediction and label exchanged: −Σ_c p_c ln(clamp(onehot_c, floor, 1)) (ICCV 2019).

    The one-hot label has logarithm 0 at its class and ln(floor) elsewhere, so this is −ln(floor)·(1 − p_label).

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 or 255.
        floor: replaces the zeros of the one-hot label.

    Returns:
        Scalar mean over labelled pixels; 0 when there is none.
    """
    valid = labels != IGNORE_INDEX
    wrong = torch.where(valid, 1 - _own_probability(logits, labels, valid), 0)
    return -math.log(floor) * wrong.sum() / valid.sum().clamp(min=1)


def reliable_labels(pseudo_labels: Tensor, entropy: Tensor, drop_percent: float) -> Tensor:
    """Return the labels with 255 at uncertain pixels, where H ≥ its percentile over labelled pixels (U2PL eq. 4).

    Args:
        pseudo_labels: (B, H, W) int64 or 255.
        entropy: (B, H, W), the teacher's.
        drop_percent: d(e) of `drop_percent_at`; at 100 only the most uncertain pixel is dropped.
    """
    threshold = percentile(entropy, drop_percent, pseudo_labels != IGNORE_INDEX)
    return torch.where(entropy >= threshold, IGNORE_INDEX, pseudo_labels)


def u2pl_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy over reliable labels, scaled by pixels over kept pixels (U2PL, CVPR 2022, eq. 5).

    Args:
        logits: (B, C, H, W) of the student.
        labels: (B, H, W) int64 of `reliable_labels`.
    """
    kept = (labels != IGNORE_INDEX).sum().clamp(min=1)
    total = F.cross_entropy(logits, labels, ignore_index=IGNORE_INDEX, reduction="sum")
    return labels.numel() / kept * (total / kept)


def _own_probability(logits: Tensor, labels: Tensor, valid: Tensor) -> Tensor:
    """Return the probability of each pixel's true class, (B, H, W); of class 0 at unlabelled pixels."""
    own = torch.where(valid, labels, 0)[:, None]
    return logits.softmax(dim=1).gather(1, own)[:, 0]


def _masked_cross_entropy(logits: Tensor, labels: Tensor, kept: Tensor, class_weight: Tensor | None) -> Tensor:
    selected = torch.where(kept, labels, IGNORE_INDEX)
    total = F.cross_entropy(logits, selected, weight=class_weight, ignore_index=IGNORE_INDEX, reduction="sum")
    if class_weight is None:
        return total / kept.sum().clamp(min=1)
    mass = torch.where(kept, class_weight[torch.where(kept, labels, 0)], 0).sum()
    return total / torch.where(mass > 0, mass, 1)
