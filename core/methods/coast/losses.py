"""The losses of self-training (CoaST 4.4): rectified pseudo-labels, cooperative consistency and distillation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.engine.inference import resize_logits
from core.losses.cross_entropy import cross_entropy

RectifyMode = Literal["pixel", "reference"]
DistillationReduction = Literal["class_mean", "pixel"]


class TargetLogits(NamedTuple):
    """Logits of a strongly augmented batch of one target, each (B, C, h, w) on the grid of its labels.

    Attributes:
        specific: logits of the target's own classifier.
        agnostic: logits of the domain-agnostic classifier.
        stylised: for every other target, its classifier's logits of the batch in its style; empty with one target.
    """

    specific: Tensor
    agnostic: Tensor
    stylised: Sequence[Tensor]


class TargetTerms(NamedTuple):
    """Scalar parts of a target's loss, stylised part unweighted, and the mean rectification weight."""

    pseudo_label: Tensor
    distillation: Tensor
    consistency: Tensor
    agreement: Tensor

    def total(self, ratio: float) -> Tensor:
        """Return L = L_pl + L_kd + ratio·L_sty."""
        return self.pseudo_label + self.distillation + ratio * self.consistency


@dataclass(frozen=True)
class TargetLossOptions:
    """How a target's loss is made.

    Attributes:
        is_rectified: whether pseudo-labels get less weight where the classifiers disagree.
        gamma: γ, how fast the weight falls with disagreement.
        mode: "pixel" weighs each pixel. REFERENCE: one weight for the whole batch, which also scales the loss by about
            the batch size; `mode="reference"` reproduces it.
        distillation: "class_mean" also averages over classes, as published; "pixel" sums over them.
        weight: factor of the pseudo-label and consistency terms in mode "pixel". Set it to the batch size to restore
            the balance of the published runs.
    """

    is_rectified: bool = True
    gamma: float = 1.0
    mode: RectifyMode = "pixel"
    distillation: DistillationReduction = "class_mean"
    weight: float = 1.0


def source_loss(logits: Sequence[Tensor], labels: Tensor, ignore_index: int = IGNORE_INDEX) -> Tensor:
    """Return the sum of the classifiers' mean cross-entropies at the size of the labels.

    Args:
        logits: of every classifier, each (B, C, h, w).
        labels: (B, H, W) int64 or `ignore_index`.
        ignore_index: label of ignored pixels.
    """
    losses = [cross_entropy(resize_logits(one, labels.shape[-2:]), labels, ignore_index) for one in logits]
    return torch.stack(losses).sum()


def target_terms(
    logits: TargetLogits, labels: Tensor, options: TargetLossOptions, ignore_index: int = IGNORE_INDEX
) -> TargetTerms:
    """Return the parts of one target's loss.

    Args:
        logits: logits of the strong and the stylised views.
        labels: (B, h, w) int64 pseudo-labels in the geometry of the strong view, or `ignore_index`.
        options: weights and modes.
        ignore_index: label of pixels that do not count.

    Returns:
        Scalars. Without a labelled pixel, the pseudo-label and consistency terms are 0. With one target there is no
        other classifier: nothing is rectified and the consistency term is 0.
    """
    disagreements = [disagreement(logits.specific, view) for view in logits.stylised]
    if options.is_rectified:
        weight = agreement_weight(disagreements, options.gamma, like=logits.specific)
    else:
        weight = torch.ones_like(logits.specific[:, 0])
    pseudo_label, consistency = (
        _pixel_terms(logits, labels, disagreements, weight, ignore_index)
        if options.mode == "pixel"
        else _reference_terms(logits, labels, disagreements, weight, ignore_index, is_rectified=options.is_rectified)
    )
    distilled = agnostic_distillation(logits, options.distillation)
    scale = options.weight if options.mode == "pixel" else 1.0
    return TargetTerms(scale * pseudo_label, distilled, scale * consistency, weight.mean())


def disagreement(specific: Tensor, stylised: Tensor) -> Tensor:
    """Return KL(q ‖ p) of each pixel, (B, h, w), with q = softmax(specific) detached and p = softmax(stylised)."""
    return _divergence(specific, stylised).sum(dim=1)


def agreement_weight(disagreements: Sequence[Tensor], gamma: float, like: Tensor) -> Tensor:
    """Return the mean of exp(−γ·D) over the other classifiers, (B, h, w) in (0, 1], detached.

    Args:
        disagreements: one (B, h, w) per other classifier; without any, the weight is 1.
        gamma: γ.
        like: (B, C, h, w) logits; give shape, dtype and device.
    """
    if not disagreements:
        return torch.ones_like(like[:, 0])
    return torch.exp(-gamma * torch.stack([one.detach() for one in disagreements])).mean(dim=0)


def agnostic_distillation(logits: TargetLogits, reduction: DistillationReduction = "class_mean") -> Tensor:
    """Return KL of the target's (detached) classifier to the agnostic one over all pixels, divided by the targets."""
    divergence = _divergence(logits.specific, logits.agnostic)
    mean = divergence.mean() if reduction == "class_mean" else divergence.sum(dim=1).mean()
    return mean / (1 + len(logits.stylised))


def pixel_cross_entropy(logits: Tensor, labels: Tensor, ignore_index: int = IGNORE_INDEX) -> Tensor:
    """Return the cross-entropy of each pixel, (B, h, w); 0 at ignored pixels."""
    return F.cross_entropy(logits, labels, ignore_index=ignore_index, reduction="none")


def _divergence(teacher: Tensor, student: Tensor) -> Tensor:
    log_q = teacher.detach().log_softmax(dim=1)
    return F.kl_div(student.log_softmax(dim=1), log_q, reduction="none", log_target=True)


def _pixel_terms(
    logits: TargetLogits, labels: Tensor, disagreements: Sequence[Tensor], weight: Tensor, ignore_index: int
) -> tuple[Tensor, Tensor]:
    mask = (labels != ignore_index).to(weight.dtype)

    def masked_mean(values: Tensor) -> Tensor:
        return (mask * values).sum() / mask.sum().clamp(min=1)

    pseudo_label = masked_mean(weight * pixel_cross_entropy(logits.specific, labels, ignore_index))
    if not disagreements:
        return pseudo_label, torch.zeros_like(pseudo_label)
    taught = torch.stack([pixel_cross_entropy(view, labels, ignore_index) for view in logits.stylised]).sum(dim=0)
    apart = torch.stack(list(disagreements)).sum(dim=0)
    return pseudo_label, masked_mean(weight * taught + apart) / len(disagreements)


def _reference_terms(
    logits: TargetLogits,
    labels: Tensor,
    disagreements: Sequence[Tensor],
    weight: Tensor,
    ignore_index: int,
    *,
    is_rectified: bool,
) -> tuple[Tensor, Tensor]:
    """Return both terms as the published code computes them.

    That code takes the mean cross-entropy instead of its map. It also broadcasts masks (B, 1, h, w) with maps
    (B, h, w), so every image's mask is applied to every image's map.
    """
    mask = (labels != ignore_index).to(weight.dtype)

    def crossed_mean(values: Tensor) -> Tensor:
        return (mask.sum(dim=0) * values.sum(dim=0)).sum() / mask.sum().clamp(min=1)

    pseudo_label = cross_entropy(logits.specific, labels, ignore_index)
    if is_rectified:
        pseudo_label = pseudo_label * crossed_mean(weight)
    if not disagreements:
        return pseudo_label, torch.zeros_like(pseudo_label)
    taught = torch.stack([cross_entropy(view, labels, ignore_index) for view in logits.stylised]).sum()
    apart = torch.stack(list(disagreements)).sum(dim=0)
    return pseudo_label, (crossed_mean(weight) * taught + crossed_mean(apart)) / len(disagreements)
