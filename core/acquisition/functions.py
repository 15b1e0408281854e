"""Acquisition values from one forward pass or none: pixel maps, larger where a label is worth more (STAL 6.2)."""

from __future__ import annotations

import torch
from torch import Tensor

from core.acquisition.entropy import log_classes, shifted_logits


def random_values(count: int, generator: torch.Generator) -> Tensor:
    """Return a uniform draw in [0, 1) for each of `count` images, (N,) float64.

    Pass images in the order of their names, so that the draws do not depend on the order of a folder listing.
    """
    return torch.rand(count, generator=generator, dtype=torch.float64)


def exact_entropy(probs: Tensor) -> Tensor:
    """Return −Σ_c p_c·ln p_c over dimension 1 in nats, with 0·ln 0 = 0.

    Args:
        probs: (B, C, H, W) that sum to 1 over C.

    Returns:
        (B, H, W) in [0, ln C].
    """
    entropy: Tensor = torch.special.entr(probs).sum(dim=1)
    return entropy


def logit_entropy(logits: Tensor) -> Tensor:
    """Return `exact_entropy` of the softmax of logits (B, C, H, W), in half the time: one exponential per class.

    With z = logits − max and s = Σ e^z, the entropy is ln s − Σ z·e^z / s, a sum of non-negative terms.
    """
    shifted = shifted_logits(logits)
    mass = shifted.exp()
    total = mass.sum(dim=1)
    return total.log() - shifted.mul_(mass).sum(dim=1) / total


def probs_and_entropy(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the softmax of logits (B, C, H, W), and its `logit_entropy` (B, H, W)."""
    shifted = shifted_logits(logits)
    mass = shifted.exp()
    total = mass.sum(dim=1, keepdim=True)
    entropy = total.log() - shifted.mul_(mass).sum(dim=1, keepdim=True) / total
    return mass.div_(total), entropy[:, 0]


def entropy_map(logits: Tensor) -> Tensor:
    """Return −Σ_c p_c·ln p_c / ln C of logits (B, C, H, W): (B, H, W) in [0, 1], 0 where one class is certain.

    Raises:
        ValueError: if there are fewer than 2 classes. The other maps raise it too.
    """
    scale = log_classes(logits.shape[1])
    return logit_entropy(logits) / scale


def least_confidence_map(logits: Tensor) -> Tensor:
    """Return 1 − p₁ of logits (B, C, H, W), p₁ the best probability: (B, H, W) in [0, 1 − 1/C]."""
    log_classes(logits.shape[1])
    return 1 - 1 / shifted_logits(logits).exp_().sum(dim=1)


def margin_map(logits: Tensor) -> Tensor:
    """Return 1 − (p₁ − p₂) of logits (B, C, H, W): (B, H, W) in [0, 1], 1 where two classes tie for the first place."""
    log_classes(logits.shape[1])
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    best, second = _two_best(logits)
    total = (logits - best[:, None]).exp_().sum(dim=1)
    return 1 - (1 - (second - best).exp_()) / total


def bvsb_map(logits: Tensor) -> Tensor:
    """Return p₂/p₁ of logits (B, C, H, W): (B, H, W) in [0, 1], 1 where two classes tie for the first place."""
    log_classes(logits.shape[1])
    # Computed from logits, the ratio of probabilities is exact and never 0/0.
    best, second = _two_best(logits)
    return (second - best).exp()


def _two_best(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the two largest logits of each pixel, (B, H, W) each.

    `topk` over classes strides through memory; on a CPU it takes ten times as long as this loop.
    """
    first, *others = logits.unbind(dim=1)
    best, second = first.clone(), torch.full_like(first, -torch.inf)
    for each in others:
        torch.maximum(second, torch.minimum(best, each), out=second)
        torch.maximum(best, each, out=best)
    return best, second
