"""RIPU's scores: region impurity × prediction uncertainty (Xie et al., CVPR 2022; STAL 6.3).

Pass logits at the size of the image, resized bilinearly with aligned corners.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.acquisition.entropy import EPSILON, class_probs, log_classes, smoothed_entropy
from core.acquisition.windows import window_areas, window_class_counts, window_means


@dataclass(frozen=True)
class RegionScore:
    """Three maps (B, H, W).

    Attributes:
        score: impurity × uncertainty.
        impurity: entropy of the predicted classes in the window; about −1e-6 if there is only one.
        uncertainty: entropy of the predictions.
    """

    score: Tensor
    impurity: Tensor
    uncertainty: Tensor


def region_score(logits: Tensor, radius_px: int, log19: bool = False) -> RegionScore:
    """Score the window around every pixel, for `ripu_ra`.

    A = −Σ_c f_c·ln(f_c + 1e-6) / ln C, where f_c is the share of the window's pixels whose best class is c; U is the
    window's mean of −Σ_c p_c·ln(p_c + 1e-6) / ln C; the score is A·U.

    Args:
        logits: (B, C, H, W).
        radius_px: k; windows have (2k + 1)² pixels and are clipped at the image's border.
        log19: REFERENCE: divides by ln 19 whatever C is. The ranking is the same.

    Returns:
        A and U in about [0, 1].

    Raises:
        ValueError: if there are fewer than 2 classes or the radius is negative.
    """
    scale = log_classes(logits.shape[1], log19)
    uncertainty = window_means(smoothed_entropy(class_probs(logits)), radius_px) / scale
    impurity = region_impurity(best_classes(logits), logits.shape[1], radius_px) / scale
    return RegionScore(impurity * uncertainty, impurity, uncertainty)


def pixel_score(logits: Tensor, radius_px: int) -> RegionScore:
    """Score every pixel, for `ripu_pa`: the impurity of its window × its own entropy, both in nats.

    Args:
        logits: (B, C, H, W).
        radius_px: k of the window around a pixel.

    Returns:
        A and U in about [0, ln C].

    Raises:
        ValueError: if there are fewer than 2 classes or the radius is negative.
    """
    log_classes(logits.shape[1])
    uncertainty = smoothed_entropy(class_probs(logits))
    impurity = region_impurity(best_classes(logits), logits.shape[1], radius_px)
    return RegionScore(impurity * uncertainty, impurity, uncertainty)


def region_impurity(labels: Tensor, num_classes: int, radius_px: int) -> Tensor:
    """Return −Σ_c f_c·ln(f_c + 1e-6) in nats, where f_c is the share of the window's pixels of class c.

    Args:
        labels: (B, H, W) integers in [0, C).
        num_classes: C.
        radius_px: k ≥ 0.

    Returns:
        (B, H, W) float32.
    """
    areas = window_areas(labels, radius_px)
    # Stored column by column, like the counts: mixing the two orders would double the time.
    impurity = torch.zeros_like(labels.mT, dtype=torch.float32, memory_format=torch.contiguous_format).mT
    for counts in window_class_counts(labels, num_classes, radius_px):
        share = counts / areas
        impurity.addcmul_(share, (share + EPSILON).log_(), value=-1)
    return impurity.contiguous()


def best_classes(logits: Tensor) -> Tensor:
    """Return the best class of each pixel; ties go to the lowest class.

    The result equals `argmax(dim=1)`, which is several times slower on CPUs because it strides through the classes.

    Args:
        logits: (B, C, H, W).

    Returns:
        (B, H, W) int16.
    """
    is_best = logits == logits.amax(dim=1, keepdim=True)
    classes = torch.arange(logits.shape[1], dtype=torch.int16, device=logits.device)[:, None, None]
    return torch.where(is_best, classes, torch.iinfo(torch.int16).max).amin(dim=1)
