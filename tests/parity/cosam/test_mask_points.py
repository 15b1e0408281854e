"""Points of the mask loss, and the loss itself (CoSAM 5.1)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.losses.mask_points import bce_and_dice, distillation_loss, mask_loss, sample_maps, uncertain_points
from tests.support.parity import assert_close, load_case
from tests.support.sam_recordings import low_discrepancy


def test_points_are_the_recorded_ones() -> None:
    case = load_case("cosam", "point_sampling")
    draws = iter((case["rand_oversample"], case["rand_extra"]))
    logits = torch.from_numpy(case["logits"])

    points = uncertain_points(
        logits,
        lambda shape: torch.from_numpy(next(draws).reshape(shape)),
        int(case["num_points"]),
        float(case["oversample_ratio"]),
        float(case["importance_ratio"]),
    )

    sampled = sample_maps(logits, points)
    for found, wanted, values, expected in zip(points, case["coords"], sampled, case["sampled_logits"], strict=True):
        order, wanted_order = np.lexsort(found.numpy().T[::-1]), np.lexsort(wanted.T[::-1])
        assert_close(found[order], wanted[wanted_order], 1e-6)
        assert_close(values[order], expected[wanted_order], 1e-6)


@pytest.mark.parametrize(
    ("variant", "labels", "place"), [("hard", "hard", 0), ("soft", "soft", 1), ("hard_num2", "hard", 2)]
)
def test_losses_of_points_are_the_recorded_ones(variant: str, labels: str, place: int) -> None:
    case = load_case("cosam", "point_losses")
    logits = torch.from_numpy(case["logits"]).requires_grad_()

    loss = bce_and_dice(logits, torch.from_numpy(case[f"labels_{labels}"]), float(case["num_masks"][place]))
    (gradient,) = torch.autograd.grad(loss.total, logits)

    assert_close(loss.bce.detach(), case[f"ce_{variant}"], 1e-5)
    assert_close(loss.dice.detach(), case[f"dice_{variant}"], 1e-5)
    assert_close(gradient, case[f"grad_{variant}"], 1e-6)


@pytest.mark.parametrize("variant", ["hard", "soft"])
def test_the_whole_loss_is_the_recorded_one(variant: str) -> None:
    case = load_case("cosam", "mask_loss")
    logits = torch.from_numpy(case["src_logits"]).requires_grad_()
    function, targets = (mask_loss, "target") if variant == "hard" else (distillation_loss, "old_logits")

    loss = function(logits, torch.from_numpy(case[targets]), low_discrepancy())
    (gradient,) = torch.autograd.grad(loss.total, logits)

    assert_close(loss.bce.detach(), case[f"loss_mask_{variant}"], 1e-4)
    assert_close(loss.dice.detach(), case[f"loss_dice_{variant}"], 1e-4)
    assert_close(gradient, case[f"grad_{variant}"], 2e-5)
