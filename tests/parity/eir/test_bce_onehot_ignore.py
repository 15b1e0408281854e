"""BCE-onehot on sparse targets against the recorded dense computation."""

from __future__ import annotations

import numpy as np
import torch

from core.losses.cross_entropy import bce_onehot
from core.losses.sparse_target import SparseTarget
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def test_every_reduction_of_a_soft_target_equals_the_recording() -> None:
    case = load_case("eir", "bce_onehot_ignore")
    logits, target = torch.from_numpy(case["logit"]), soft_target(case)
    weight = torch.from_numpy(case["weight"])

    assert_close(bce_onehot(logits, target), case["loss_mean"], TOLERANCE)
    assert_close(bce_onehot(logits, target, reduction="sum"), case["loss_sum"], TOLERANCE)
    assert_close(bce_onehot(logits, target, reduction="none"), case["loss_none"], TOLERANCE)
    assert_close(bce_onehot(logits, target, pixel_weight=weight), case["loss_mean_weighted"], TOLERANCE)


def test_hard_labels_give_the_recorded_target_and_loss() -> None:
    case = load_case("eir", "bce_onehot_ignore")
    logits = torch.from_numpy(case["logit"])

    target = SparseTarget.from_labels(torch.from_numpy(case["label"]))

    np.testing.assert_array_equal(target.to_dense(logits.shape[1]).numpy(), case["target_hard"])
    assert_close(bce_onehot(logits, target), case["loss_mean_hard"], TOLERANCE)


def test_gradient_of_the_mean_equals_the_recording() -> None:
    case = load_case("eir", "bce_onehot_ignore")
    logits = torch.from_numpy(case["logit"]).requires_grad_()

    bce_onehot(logits, soft_target(case)).backward()

    assert_close(logits.grad, case["grad_mean"], TOLERANCE)


def test_all_ignored_pixels_give_the_required_value() -> None:
    case = load_case("eir", "bce_onehot_ignore")
    ignored = SparseTarget.from_labels(torch.full(case["label"].shape, 255))

    loss = bce_onehot(torch.from_numpy(case["logit"]), ignored)

    assert_close(loss, case["loss_mean_all_ignored"], TOLERANCE)


def soft_target(case: dict[str, np.ndarray]) -> SparseTarget:
    """Return any dense target as one plane a channel."""
    weights = torch.from_numpy(case["target"])
    channels = torch.arange(weights.shape[1])[None, :, None, None]
    return SparseTarget(channels.expand(weights.shape), weights)
