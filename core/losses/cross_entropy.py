"""Cross-entropies between logits and labels: softmax and its unbiased form, sparse one-hot BCE, DKD's BCE by class.

None waits for the GPU: they select pixels by weights and sums, never by indexing with a mask.
"""

from __future__ import annotations

from typing import Any, Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.losses.sparse_target import SparseTarget

Reduction = Literal["mean", "sum", "none"]


def cross_entropy(logits: Tensor, labels: Tensor, ignore_index: int = IGNORE_INDEX) -> Tensor:
    """Softmax cross-entropy of hard labels (EIR 8.1).

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 channel indices or `ignore_index`.
        ignore_index: label value of pixels that do not count.

    Returns:
        Scalar mean over the pixels that count; 0 with zero gradient when there is none.
    """
    total = F.cross_entropy(logits, labels, ignore_index=ignore_index, reduction="sum")
    return total / (labels != ignore_index).sum().clamp(min=1)


def unbiased_cross_entropy(
    logits: Tensor,
    labels: Tensor,
    num_old: int,
    reduction: Reduction = "mean",
    ignore_index: int = IGNORE_INDEX,
) -> Tensor:
    """Cross-entropy in which the background stands for every old class.

    A pixel labelled background at this step may show an old class. So the probability of the background is the sum of
    those of all old channels (MiB, Cermelli et al., CVPR 2020: the revised cross-entropy; EIR 8.4, UCE).

    Args:
        logits: (B, C, H, W), old channels first; channel 0 is background.
        labels: (B, H, W) int64 channel indices or `ignore_index`; those below `num_old` count as background.
        num_old: T, old channels with the background; in [1, C].
        reduction: over the pixels that count; "none" gives (B, H, W), 0 at ignored pixels.
        ignore_index: label value of pixels that do not count.

    Returns:
        Scalar, 0 with zero gradient when no pixel counts; (B, H, W) for "none".

    Raises:
        ValueError: if `num_old` is outside [1, C].
    """
    if not 1 <= num_old <= logits.shape[1]:
        raise ValueError(f"{num_old} old channels of {logits.shape[1]}: expected 1 to {logits.shape[1]}")
    total = logits.logsumexp(dim=1)
    log_background = logits[:, :num_old].logsumexp(dim=1) - total
    picked = logits.gather(1, labels.clamp(max=logits.shape[1] - 1)[:, None])[:, 0] - total
    counts = labels != ignore_index
    loss = torch.where(counts, -torch.where(labels < num_old, log_background, picked), 0)
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else loss.sum() / counts.sum().clamp(min=1)


def bce_onehot(
    logits: Tensor,
    target: SparseTarget,
    pixel_weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """BCE-onehot: binary cross-entropy of every channel against a soft one-hot target, summed over channels.

    ℓ(n,p) = Σ_c softplus(z_c) − Σ_k w_k z_{c_k} (EIR, CVPR 2025; EIR 4.1): only K channels a pixel are gathered.
    With positive weights v: ℓ = Σ_c [(1 + (v_c − 1)·y)·softplus(−z) + (1 − y)·z].

    Args:
        logits: (B, C, H, W), channel 0 is background.
        target: the target of each pixel; a pixel of total weight 0 is ignored.
        pixel_weight: (B, H, W) factors of ℓ; they do not change which pixels the mean counts.
        pos_weight: (C,) factors v of the positive term.
        reduction: "mean" and "sum" over labelled pixels, or "none" for the map ℓ·Σ_c y.

    Returns:
        Scalar, 0 with zero gradient when no pixel is labelled; (B, H, W) for "none".
    """
    picked = logits.gather(1, target.classes)  # (B, K, H, W)
    positive = -picked
    if pos_weight is not None:
        positive = positive + (pos_weight[target.classes] - 1) * F.softplus(-picked)
    loss = softplus_sum(logits) + (target.weights * positive).sum(dim=1)  # (B, H, W)
    if pixel_weight is not None:
        loss = loss * pixel_weight
    if reduction == "none":
        return loss * target.weights.sum(dim=1)
    labelled = target.labelled
    total = torch.where(labelled, loss, 0).sum()
    return total if reduction == "sum" else total / labelled.sum().clamp(min=1)


def background_negative(logits: Tensor) -> Tensor:
    """AC: binary cross-entropy of channel 0 against an all-zero target, mean over pixels.

    DKD, NeurIPS 2022 (EIR 4.1).

    Args:
        logits: (B, C, H, W), channel 0 is the auxiliary classifier.
    """
    return F.softplus(logits[:, 0]).mean()


def class_bce(logits: Tensor, labels: Tensor, first_class: int, pos_weight: Tensor | None = None) -> Tensor:
    """Binary cross-entropy of each channel against {label = its class}, unreduced.

    DKD, NeurIPS 2022 (EIR 8.7, 8.8). Ignored pixels count as negatives, as in the reference.

    Args:
        logits: (B, N, H, W), the channels of classes first_class … first_class + N − 1 only.
        labels: (B, H, W) int64 channel indices or 255.
        first_class: class of the first channel given.
        pos_weight: (N,) factors of the positive term.

    Returns:
        (B, N, H, W); `sum_of_class_means` reduces it to the step loss.
    """
    targets = _is_class(labels, first_class, logits)
    weights = None if pos_weight is None else pos_weight.to(logits.dtype)[:, None, None]
    return F.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights, reduction="none")


def sum_of_class_means(losses: Tensor) -> Tensor:
    """Return Σ_c mean_{n,h,w} of unreduced losses (B, N, H, W): the reduction of DKD's terms."""
    return losses.mean(dim=(0, 2, 3)).sum()


def bce_all_channels(
    logits: Tensor, labels: Tensor, background_target: bool, logits_old: Tensor | None = None
) -> Tensor:
    """Binary cross-entropy over all channels, mean over everything (EIR 8.8; for ablations, with dense targets).

    Ignored pixels count as negatives.

    Args:
        logits: (B, C, H, W), channel 0 is background.
        labels: (B, H, W) int64 channel indices or 255.
        background_target: whether the target of channel 0 is 1 where the label is 0; otherwise it is 0 everywhere.
        logits_old: (B, T, H, W). If given, the target of channels 1 … T − 1 is sigmoid(logits_old). Channels of
            classes that occur among the batch's labels keep the target {label = class}.
    """
    targets = _is_class(labels, 0, logits)
    if logits_old is not None:
        num_old = logits_old.shape[1]
        is_present = targets[:, 1:num_old].amax(dim=(0, 2, 3)) > 0  # (T - 1,)
        soft = torch.where(is_present[:, None, None], targets[:, 1:num_old], logits_old[:, 1:].sigmoid())
        targets = torch.cat([targets[:, :1], soft, targets[:, num_old:]], dim=1)
    if not background_target:
        targets = torch.cat([torch.zeros_like(targets[:, :1]), targets[:, 1:]], dim=1)
    return F.binary_cross_entropy_with_logits(logits, targets)


class _SoftplusSum(torch.autograd.Function):
    """Keeps only the logits for the backward pass.

    It uses log(1 + x) instead of log1p: on CPUs log is vectorised and six times as fast; the two differ by less than
    1e-7.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor) -> Tensor:
        ctx.save_for_backward(logits)
        return (logits.abs().neg_().exp_().add_(1).log_() + logits.clamp(min=0)).sum(dim=1)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (logits,) = ctx.saved_tensors
        return cast(Tensor, logits.sigmoid().mul_(grad[:, None]))


def softplus_sum(logits: Tensor) -> Tensor:
    """Return (B, H, W) Σ_c softplus(z_c) of (B, C, H, W): the cross-entropy against an all-zero target."""
    return cast(Tensor, _SoftplusSum.apply(logits))  # type: ignore[no-untyped-call]


def _is_class(labels: Tensor, first_class: int, logits: Tensor) -> Tensor:
    classes = torch.arange(first_class, first_class + logits.shape[1], device=labels.device)
    return (labels[:, None] == classes[:, None, None]).to(logits.dtype)  # (B, N, H, W)
