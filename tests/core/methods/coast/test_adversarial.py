from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from core.methods.coast.adversarial import (
    adversarial_loss,
    alignment_loss,
    discriminator_loss,
    self_information,
)


def test_self_information_of_even_probabilities_sums_to_one_and_of_certainty_to_nothing() -> None:
    even, certain = torch.full((1, 4, 1, 1), 0.25), torch.tensor([1.0, 0, 0, 0]).view(1, 4, 1, 1)

    assert self_information(even).flatten().tolist() == [0.25] * 4
    assert self_information(certain).flatten().tolist() == [0.0] * 4


def test_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 classes, not 1"):
        self_information(torch.ones(1, 1, 2, 2))


def test_an_undecided_discriminator_loses_ln_2_or_the_square_of_its_label() -> None:
    undecided = torch.zeros(2, 1, 3, 3)

    for is_target in (False, True):
        assert adversarial_loss(undecided, "vanilla", is_target=is_target).item() == pytest.approx(math.log(2))
        assert adversarial_loss(undecided, "ls", is_target=is_target).item() == float(is_target)


def test_alignment_reaches_the_logits_and_discrimination_does_not() -> None:
    discriminator = nn.Conv2d(3, 1, 1)
    source, target = (torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    source.requires_grad_()
    target.requires_grad_()

    discriminator_loss(discriminator, source, target, "vanilla").backward()
    assert discriminator.weight.grad is not None
    assert source.grad is None
    assert target.grad is None

    alignment_loss(discriminator, target, "vanilla").backward()
    assert target.grad is not None
    assert target.grad.abs().sum() > 0


def test_a_discriminator_that_sees_no_difference_pays_both_labels() -> None:
    discriminator = nn.Conv2d(2, 1, 1)
    nn.init.zeros_(discriminator.weight)
    nn.init.constant_(discriminator.bias, 0.25)
    logits = torch.zeros(1, 2, 2, 2)

    loss = discriminator_loss(discriminator, logits, logits, "ls")

    assert loss.item() == pytest.approx(0.25**2 + 0.75**2)
