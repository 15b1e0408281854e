"""Adversarial losses between the source and each target (CoaST 4.1)."""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

AdversarialLoss = Literal["vanilla", "ls"]
_TINY = 1e-30


def self_information(probs: Tensor) -> Tensor:
    """Return −p·log₂(p + 1e-30)/log₂(C), a discriminator's input, of probabilities (B, C, H, W); same shape.

    Raises:
        ValueError: if there are fewer than two classes.
    """
    num_classes = probs.shape[1]
    if num_classes < 2:
        raise ValueError(f"self-information needs at least 2 classes, not {num_classes}")
    return -probs * torch.log2(probs + _TINY) / math.log2(num_classes)


def adversarial_loss(verdict: Tensor, kind: AdversarialLoss, *, is_target: bool) -> Tensor:
    """Return the loss of a discriminator's output against a domain's label: 0 for the source, 1 for a target.

    Args:
        verdict: (B, 1, h, w) output without activation.
        kind: "vanilla" is binary cross-entropy, "ls" the squared error of the raw output.
        is_target: the domain's label.

    Returns:
        Scalar mean.
    """
    label = torch.full_like(verdict, float(is_target))
    return F.binary_cross_entropy_with_logits(verdict, label) if kind == "vanilla" else F.mse_loss(verdict, label)


def alignment_loss(discriminator: nn.Module, target_logits: Tensor, kind: AdversarialLoss) -> Tensor:
    """Return the loss that makes a target's predictions (B, C, H, W) look like the source's."""
    verdict = discriminator(self_information(target_logits.softmax(dim=1)))
    return adversarial_loss(verdict, kind, is_target=False)


def discriminator_loss(
    discriminator: nn.Module, source_logits: Tensor, target_logits: Tensor, kind: AdversarialLoss
) -> Tensor:
    """Return the loss that trains a discriminator to tell the domains apart. No gradient reaches the logits."""
    losses = [
        adversarial_loss(discriminator(self_information(logits.detach().softmax(dim=1))), kind, is_target=is_target)
        for logits, is_target in ((source_logits, False), (target_logits, True))
    ]
    return losses[0] + losses[1]
