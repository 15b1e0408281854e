"""One update, worked out by hand."""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.update import descend


def updated(clip_norm: float | None) -> tuple[Tensor, dict[str, Tensor]]:
    weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    values = descend(optimizer, (weight**2).sum() / 2, clip_norm)  # gradient = weight, of norm 5
    return weight.detach(), values


def test_a_plain_step_goes_down_the_gradient():
    weight, values = updated(None)

    assert torch.allclose(weight, torch.tensor([2.7, 3.6]))
    assert {name: value.item() for name, value in values.items()} == {"loss": 12.5}


def test_clipping_scales_the_gradient_and_tells_its_norm_before():
    weight, values = updated(1.0)

    assert torch.allclose(weight, torch.tensor([2.94, 3.92]), atol=1e-4)
    assert values["grad_norm"].item() == 5.0


def test_gradients_of_an_earlier_loss_do_not_add_up():
    weight = torch.nn.Parameter(torch.tensor([1.0]))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    weight.grad = torch.tensor([100.0])

    descend(optimizer, weight.sum(), None)

    assert weight.item() == 0.0
