"""Losses of self-training and their gradients in both modes, and the labels that they are made of (CoaST 4.4)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.engine.inference import resize_logits
from core.losses.cross_entropy import cross_entropy
from core.methods.coast.losses import (
    RectifyMode,
    TargetLogits,
    TargetLossOptions,
    pixel_cross_entropy,
    source_loss,
    target_terms,
)
from core.methods.coast.pseudo_labels import hard_labels, on_grid
from tests.support.parity import assert_close, load_case

Case = dict[str, np.ndarray]
CASES = ["selftrain_k2", "selftrain_k3", "selftrain_k2norect", "selftrain_identical"]
IGNORED = 250
TOLERANCE = 1e-5


def test_cross_entropy_is_the_recorded_one() -> None:
    case = load_case("coast", "cross_entropy")
    logits, labels = leaf(case["logits"]), torch.from_numpy(case["target"])

    loss = cross_entropy(logits, labels, IGNORED)
    loss.backward()

    assert logits.grad is not None
    assert_close(loss.detach(), case["mean"], TOLERANCE)
    assert_close(loss.detach(), case["none_reference"], TOLERANCE)
    assert_close(logits.grad, case["grad"], TOLERANCE)
    assert_close(pixel_cross_entropy(logits.detach(), labels, IGNORED), case["none_map"], TOLERANCE)


@pytest.mark.parametrize("name", CASES)
def test_loss_of_the_source_sums_the_recorded_classifiers(name: str) -> None:
    case = load_case("coast", name)
    logits = [leaf(case[f"src{head}"]) for head in range(1 + int(case["hyper"][0]))]

    loss = source_loss(logits, torch.from_numpy(case["source_label"]), IGNORED)
    loss.backward()

    assert_close(loss.detach(), case["source_loss"], TOLERANCE)
    for head, one in enumerate(logits):
        assert one.grad is not None
        assert_close(one.grad, case[f"src{head}_grad"], TOLERANCE)


@pytest.mark.parametrize("name", CASES)
def test_labels_are_the_recorded_ones_before_the_warp(name: str) -> None:
    case = load_case("coast", name)
    for target in range(int(case["hyper"][0])):
        probs = torch.from_numpy(case[f"lpsoft{target}"])
        assert probs.shape[-2:] == tuple(case["crop_hw"])
        assert_close(hard_labels(on_grid(probs), float(case["hyper"][4]), IGNORED), case[f"hard{target}"], 0)


@pytest.mark.parametrize("mode", ["pixel", "reference"])
@pytest.mark.parametrize("name", CASES)
def test_losses_of_every_target_are_the_recorded_ones(name: str, mode: RectifyMode) -> None:
    case = load_case("coast", name)
    num_targets, is_rectified, gamma, ratio = (case["hyper"][index] for index in (0, 3, 5, 6))
    options = TargetLossOptions(bool(is_rectified), float(gamma), mode)
    prefix = "pixel_" if mode == "pixel" else ""

    for target in range(int(num_targets)):
        names = [f"spec{target}", f"agn{target}"]
        names += [f"sty{target}to{other}" for other in range(int(num_targets)) if other != target]
        leaves = {one: leaf(case[one]) for one in names}
        labels = torch.from_numpy(case[f"hardwarp{target}"])
        specific, agnostic, *stylised = (resize_logits(one, labels.shape[-2:]) for one in leaves.values())
        terms = target_terms(TargetLogits(specific, agnostic, stylised), labels, options, IGNORED)
        loss = terms.total(float(ratio))
        loss.backward()

        assert_close(loss.detach(), case[f"{prefix}target_loss"][target], TOLERANCE)
        for one, tensor in leaves.items():
            assert tensor.grad is not None
            of_mode = "" if one.startswith("agn") else prefix
            assert_close(tensor.grad, case[f"{of_mode}{one}_grad"], TOLERANCE)
    parts = [loss, terms.pseudo_label, terms.distillation, terms.consistency]
    assert_close(torch.stack(parts).detach(), case[f"{prefix}last_terms"], TOLERANCE)


def leaf(array: np.ndarray) -> Tensor:
    """Return a recorded array as a tensor that collects a gradient."""
    return torch.from_numpy(array).clone().requires_grad_()
