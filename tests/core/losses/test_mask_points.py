"""Losses of masks on uncertain points."""

from __future__ import annotations

import math

import torch

from core.losses.mask_points import bce_and_dice, distillation_loss, mask_loss, uncertain_points, uniform_points


def draws(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_undecided_points_cost_log_2_and_half_of_dice() -> None:
    loss = bce_and_dice(torch.zeros(1, 4), torch.tensor([[1.0, 1.0, 0.0, 0.0]]), 1)

    assert math.isclose(float(loss.bce), math.log(2), rel_tol=1e-6)
    # probs 1/2: 2·1 + 1 over 2 + 2 + 1
    assert math.isclose(float(loss.dice), 1 - 3 / 5, rel_tol=1e-6)


def test_no_mask_costs_nothing_and_an_empty_one_is_finite() -> None:
    nothing = mask_loss(torch.zeros(0, 1, 4, 4), torch.zeros(0, 1, 8, 8), uniform_points(draws()), 16)
    empty = mask_loss(torch.full((1, 1, 4, 4), -9.0), torch.zeros(1, 1, 8, 8), uniform_points(draws()), 16)

    assert float(nothing.total) == 0
    assert 0 < float(empty.total) < 2


def test_points_gather_where_the_logits_are_small() -> None:
    logits = torch.linspace(-10, 10, 32).expand(1, 1, 32, 32).clone()

    points = uncertain_points(logits, uniform_points(draws()), 64)

    chosen, anywhere = points[0, :48, 0], points[0, 48:, 0]
    assert (chosen - 0.5).abs().max() < 0.25
    assert (anywhere - 0.5).abs().max() > 0.25


def test_a_wrong_pixel_is_pulled_towards_its_target() -> None:
    logits = torch.full((1, 1, 4, 4), -1.0, requires_grad=True)
    loss = mask_loss(logits, torch.ones(1, 1, 8, 8), uniform_points(draws()), 256)

    (gradient,) = torch.autograd.grad(loss.total, logits)

    assert (gradient < 0).all()


def test_a_model_that_agrees_with_the_old_one_has_nothing_to_change() -> None:
    old = torch.randn(2, 1, 6, 6, generator=draws(1))
    logits = old.clone().requires_grad_()
    loss = distillation_loss(logits, old, uniform_points(draws()), 128)

    (gradient,) = torch.autograd.grad(loss.bce, logits)

    assert gradient.abs().max() < 1e-6
