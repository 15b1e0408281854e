"""Negative learning and local consistency (6.3)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.losses.local_consistency import Discrepancy, label_boundary, local_consistency, local_discrepancy
from core.losses.negative_learning import negative_learning
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5


def test_negative_learning_and_its_gradient_equal_the_recording() -> None:
    case = load_case("stal", "ripu_losses")
    logits = torch.from_numpy(case["logits"]).requires_grad_()

    loss = negative_learning(logits, float(case["threshold"]))
    loss.backward()

    assert_close(loss.detach(), case["neg_loss"], TOLERANCE)
    assert_close(logits.grad, case["neg_grad"], TOLERANCE)


def test_boundary_equals_the_recording() -> None:
    case = load_case("stal", "ripu_losses")

    np.testing.assert_array_equal(label_boundary(torch.from_numpy(case["label"])), case["boundary"])


@pytest.mark.parametrize("form", ["l1", "kl"])
def test_local_consistency_with_map_and_gradient_equals_the_recording(form: Discrepancy) -> None:
    case = load_case("stal", "ripu_losses")
    logits, labels = torch.from_numpy(case["logits"]), torch.from_numpy(case["label"])

    discrepancy = local_discrepancy(logits.softmax(dim=1), form)
    loss = local_consistency(logits.requires_grad_(), labels, form)
    loss.backward()

    assert_close(discrepancy, case[f"{form}_map"], TOLERANCE)
    assert_close(loss.detach(), case[f"{form}_loss"], TOLERANCE)
    assert_close(logits.grad, case[f"{form}_grad"], TOLERANCE)
