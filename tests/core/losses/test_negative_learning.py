from __future__ import annotations

import math

import pytest
import torch

from core.losses.negative_learning import negative_learning


def logits_of(*probs: float) -> torch.Tensor:
    return torch.tensor(probs, dtype=torch.float64).log()[None, :, None, None]


def test_only_improbable_classes_are_pushed_down() -> None:
    # Of 0.95, 0.04, 0.01 two are under 0.05.
    loss = negative_learning(logits_of(0.95, 0.04, 0.01))

    assert loss.item() == pytest.approx(-(math.log(0.96 + 1e-6) + math.log(0.99 + 1e-6)) / 2)


def test_a_class_at_the_threshold_does_not_count() -> None:
    assert negative_learning(torch.zeros(1, 4, 1, 1), threshold=0.25).item() == 0


def test_no_improbable_class_gives_0_with_zero_gradient() -> None:
    logits = torch.zeros(1, 3, 2, 2, requires_grad=True)

    loss = negative_learning(logits)
    loss.backward()

    assert loss.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_gradient_equals_finite_differences() -> None:
    logits = torch.tensor([4.0, 0.5, 0.0, 3.5], dtype=torch.float64)[None, :, None, None].requires_grad_()

    assert torch.autograd.gradcheck(negative_learning, (logits,))
