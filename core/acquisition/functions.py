"""Values that need one forward pass or none: maps of pixels, larger where a label would tell more (spec STAL 6.2)."""

from __future__ import annotations

import torch
from torch import Tensor

from core.acquisition.entropy import class_probs, log_classes


def random_values(count: int, generator: torch.Generator) -> Tensor:
    """Return a uniform draw in [0, 1) for each of `count` images, (N,) float64.

    Give images in the order of their names, so that the draws do not depend on how a folder was listed.
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


def entropy_map(logits: Tensor) -> Tensor:
    """Return −Σ_c p_c·ln p_c / ln C of logits (B, C, H, W): (B, H, W) in [0, 1], 0 where one class is certain.

    Raises:
        ValueError: if there are fewer than 2 classes; so do the other maps.
    """
    scale = log_classes(logits.shape[1])
    return exact_entropy(class_probs(logits)) / scale


def least_confidence_map(logits: Tensor) -> Tensor:
    """Return 1 − p₁ of logits (B, C, H, W), p₁ the best probability: (B, H, W) in [0, 1 − 1/C]."""
    log_classes(logits.shape[1])
    return 1 - (logits.amax(dim=1) - logits.logsumexp(dim=1)).exp()


def margin_map(logits: Tensor) -> Tensor:
    """Return 1 − (p₁ − p₂) of logits (B, C, H, W): (B, H, W) in [0, 1], 1 where two classes tie for the first place."""
    best, second = _two_best(logits)
    total = logits.logsumexp(dim=1)
    return 1 - ((best - total).exp() - (second - total).exp())


def bvsb_map(logits: Tensor) -> Tensor:
    """Return p₂/p₁ of logits (B, C, H, W): (B, H, W) in [0, 1], 1 where two classes tie for the first place."""
    best, second = _two_best(logits)
    return (second - best).exp()  # of logits the quotient of probabilities is exact, and never 0/0


def _two_best(logits: Tensor) -> tuple[Tensor, Tensor]:
    log_classes(logits.shape[1])
    best, second = logits.topk(2, dim=1).values.unbind(dim=1)
    return best, second
