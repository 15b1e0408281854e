"""Distillation of an old model's logits into a model with more channels.

Everywhere: T old channels, C = T + |N| channels; q = softmax(α·z_old), p = softmax(z).
Dividing by T follows the reference.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from core.losses.cross_entropy import Reduction, sum_of_class_means
from core.losses.pixel_chunks import chunked_mean

DistillationMode = Literal["rskd", "unbiased", "sigmoid"]


def distillation(
    logits: Tensor,
    logits_old: Tensor,
    new_region_weight: Tensor,
    mode: DistillationMode = "rskd",
    alpha: float = 1.0,
    rest: bool = True,
) -> Tensor:
    """Return the scalar distillation loss of `kd.mode` (EIR 4.5).

    Args:
        logits: (B, C, H, W).
        logits_old: (B, T, H, W), 1 ≤ T < C.
        new_region_weight: (B, H, W) M_N in [0, 1]; used by "rskd" only.
        mode: "rskd", "unbiased" (MiB) or "sigmoid" (DKD).
        alpha: sharpness α of the old model's softmax; not used by "sigmoid".
        rest: whether "rskd" distils outside the new region too.
    """
    if mode == "rskd":
        return region_specific_distillation(logits, logits_old, new_region_weight, alpha, rest)
    if mode == "unbiased":
        return unbiased_distillation(logits, logits_old, alpha)
    num_old = _num_old(logits, logits_old)
    return sum_of_class_means(sigmoid_distillation(logits[:, 1:num_old], logits_old[:, 1:]))


def region_specific_distillation(
    logits: Tensor, logits_old: Tensor, new_region_weight: Tensor, alpha: float = 1.0, rest: bool = True
) -> Tensor:
    """Region-specific knowledge distillation (EIR, CVPR 2025; EIR 4.5, the corrected form).

    Where a pixel shows a new class, the old model predicts background. There the new model must give the old
    background's probability to the new classes only:
    −mean_p { M_N·(1/T)[Σ_{1≤c<T} q_c log p_c + q_0 log Σ_{k≥T} p_k] + (1 − M_N)·(1/T) Σ_{c<T} q_c log p_c }.

    Args:
        logits: (B, C, H, W).
        logits_old: (B, T, H, W), 1 ≤ T < C.
        new_region_weight: (B, H, W) M_N in [0, 1].
        alpha: sharpness α of the old model's softmax.
        rest: False drops the second term, which is closest to the published fragment.

    Returns:
        Scalar mean over all pixels, made a chunk of pixels at a time; with `rest` False, 0 when no pixel is new.
    """
    _num_old(logits, logits_old)

    def loss(chunk: Tensor, chunk_old: Tensor, weight: Tensor) -> Tensor:
        new_map, rest_map = region_terms(chunk, chunk_old, weight, alpha)
        return new_map + rest_map if rest else new_map

    return chunked_mean(loss, logits, logits_old, new_region_weight)


def region_terms(
    logits: Tensor, logits_old: Tensor, new_region_weight: Tensor, alpha: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Return the two terms of `region_specific_distillation` per pixel, both ≥ 0: in the new region, and in the rest.

    Returns:
        (B, H, W) and (B, H, W), weighted by M_N and 1 − M_N.
    """
    num_old = _num_old(logits, logits_old)
    probs_old = (alpha * logits_old).softmax(dim=1)
    log_probs = logits.log_softmax(dim=1)
    foreground = _foreground_term(log_probs, probs_old)
    log_new = log_probs[:, num_old:].logsumexp(dim=1)
    new_map = -(foreground + probs_old[:, 0] * log_new) / num_old
    rest_map = -(foreground + probs_old[:, 0] * log_probs[:, 0]) / num_old
    return new_region_weight * new_map, (1 - new_region_weight) * rest_map


def unbiased_distillation(
    logits: Tensor, logits_old: Tensor, alpha: float = 1.0, reduction: Reduction = "mean"
) -> Tensor:
    """Unbiased distillation: the old background's probability may go to the background and the new classes together.

    MiB, Cermelli et al., CVPR 2020: the revised distillation loss (EIR 8.4, UKD).

    Args:
        logits: (B, C, H, W).
        logits_old: (B, T, H, W), 1 ≤ T < C.
        alpha: sharpness α of the old model's softmax.
        reduction: over pixels; "none" gives (B, H, W), and "mean" is made a chunk of pixels at a time.
    """
    num_old = _num_old(logits, logits_old)

    def loss(chunk: Tensor, chunk_old: Tensor) -> Tensor:
        log_probs = chunk.log_softmax(dim=1)
        log_background = torch.logaddexp(log_probs[:, 0], log_probs[:, num_old:].logsumexp(dim=1))
        return _spread_background(log_probs, chunk_old, log_background, alpha)

    if reduction == "mean":
        return chunked_mean(loss, logits, logits_old)
    return _reduce(loss(logits, logits_old), reduction)


def restricted_distillation(logits: Tensor, logits_old: Tensor, reduction: Reduction = "mean") -> Tensor:
    """Distillation among the old channels alone: the new channels do not enter the softmax.

    −(1/T) Σ_{c<T} softmax(z_old)_c log softmax(z_{0…T−1})_c (Learning without Forgetting, TPAMI 2018; EIR 8.3).

    Args:
        logits: (B, C, H, W).
        logits_old: (B, T, H, W), 1 ≤ T < C.
        reduction: over pixels; "none" gives (B, H, W).
    """
    num_old = _num_old(logits, logits_old)
    log_probs = logits[:, :num_old].log_softmax(dim=1)
    return _reduce(-(logits_old.softmax(dim=1) * log_probs).sum(dim=1) / num_old, reduction)


def reference_region_distillation(
    logits: Tensor,
    logits_old: Tensor,
    mask: Tensor | None = None,
    alpha: float = 1.0,
    reduction: Reduction = "mean",
) -> Tensor:
    """The formula of the published code, for comparisons only.

    PAPER: the old background's probability goes to all new classes. REFERENCE: an index error leaves out the first
    new class; with one new class the loss is +infinity. We follow the paper (`region_specific_distillation`).

    Args:
        logits: (B, C, H, W).
        logits_old: (B, T, H, W), 1 ≤ T < C.
        mask: (B, H, W) factors; masked pixels still count in the mean.
        alpha: sharpness α of the old model's softmax.
        reduction: over pixels; "none" gives (B, H, W).
    """
    num_old = _num_old(logits, logits_old)
    log_probs = logits.log_softmax(dim=1)
    loss = _spread_background(log_probs, logits_old, log_probs[:, num_old + 1 :].logsumexp(dim=1), alpha)
    return _reduce(loss if mask is None else loss * mask, reduction)


def sigmoid_distillation(maps: Tensor, maps_old: Tensor) -> Tensor:
    """Binary cross-entropy against sigmoid(maps_old), unreduced (DKD, NeurIPS 2022; EIR 8.7, L_kd and L_±).

    Args:
        maps: (B, O, H, W) logits or reasoning maps of the old classes, background left out.
        maps_old: (B, O, H, W) of the old model.

    Returns:
        (B, O, H, W); `sum_of_class_means` reduces it to the loss.
    """
    return F.binary_cross_entropy_with_logits(maps, maps_old.sigmoid(), reduction="none")


def _spread_background(log_probs: Tensor, logits_old: Tensor, log_background: Tensor, alpha: float) -> Tensor:
    """Return −(1/T)[Σ_{1≤c<T} q_c log p_c + q_0·log_background], (B, H, W)."""
    probs_old = (alpha * logits_old).softmax(dim=1)
    return -(_foreground_term(log_probs, probs_old) + probs_old[:, 0] * log_background) / logits_old.shape[1]


def _foreground_term(log_probs: Tensor, probs_old: Tensor) -> Tensor:
    """Return Σ_{1≤c<T} q_c log p_c, (B, H, W)."""
    return (probs_old[:, 1:] * log_probs[:, 1 : probs_old.shape[1]]).sum(dim=1)


def _num_old(logits: Tensor, logits_old: Tensor) -> int:
    num_old, num_channels = logits_old.shape[1], logits.shape[1]
    if not 1 <= num_old < num_channels:
        raise ValueError(f"{num_old} old channels and {num_channels} in all: a step adds at least one")
    return num_old


def _reduce(loss: Tensor, reduction: Reduction) -> Tensor:
    if reduction == "none":
        return loss
    return loss.mean() if reduction == "mean" else loss.sum()
