from __future__ import annotations

import pytest
import torch

from core.engine.optim import clip_gradients, set_learning_rates


def optimizer_of(*rates: float) -> torch.optim.SGD:
    """Return an optimiser with one group of a single weight for each rate."""
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate, "base_lr": rate} for rate in rates]
    return torch.optim.SGD(groups)


def test_factor_scales_the_rate_that_each_group_was_built_with() -> None:
    optimizer = optimizer_of(0.01, 0.1)

    set_learning_rates(optimizer, 0.5)
    set_learning_rates(optimizer, 0.25)

    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.0025, 0.025])


def test_clipping_scales_to_the_joint_norm_of_all_groups() -> None:
    optimizer = optimizer_of(0.01, 0.1)
    weights = [group["params"][0] for group in optimizer.param_groups]
    for weight, gradient in zip(weights, (3.0, 4.0), strict=True):
        weight.grad = torch.tensor([gradient])

    norm = clip_gradients(optimizer, 1.0)

    assert norm.item() == pytest.approx(5)
    assert [weight.grad.item() for weight in weights] == pytest.approx([0.6, 0.8], rel=1e-5)
