from __future__ import annotations

import pytest
import torch

from core.methods.semseg.losses import (
    classification_loss,
    mask_loss,
    metric_loss,
    proposal_box_loss,
    region_box_loss,
    region_iou_loss,
)

UNIT = torch.eye(2)


def test_the_metric_loss_by_hand() -> None:
    # On its own prototype nothing pulls, the other is at distance 1 > beta, and the prototypes are 1 apart.
    assert metric_loss(UNIT[:1], torch.tensor([0]), UNIT, 1, "COS", (0.05, 0.95)).item() == 0
    # On the other's prototype: pulled by 1 - 0.05 and pushed by 0.95 - 0.
    wrong = metric_loss(UNIT[:1], torch.tensor([1]), UNIT, 1, "COS", (0.05, 0.95))
    assert wrong.item() == pytest.approx(0.95 + 0.95)


def test_prototypes_are_pushed_apart_without_any_region() -> None:
    prototypes = torch.tensor([[1.0, 0], [1, 0.1]], requires_grad=True)

    loss = metric_loss(UNIT[:0], torch.zeros(0, dtype=torch.int64), prototypes, 1, "COS", (0.05, 0.95))
    loss.backward()

    assert loss.item() == pytest.approx(2 * (1 - (1 - 1 / 1.01**0.5)))
    assert prototypes.grad is not None and torch.isfinite(prototypes.grad).all()


def test_a_single_class_has_no_other_to_be_pushed_from() -> None:
    prototypes = torch.tensor([[0.6, 0.8]], requires_grad=True)

    loss = metric_loss(UNIT[:1], torch.tensor([0]), prototypes, 1, "COS", (0.05, 0.95))
    loss.backward()

    assert loss.item() == pytest.approx(0.4 - 0.05)
    assert prototypes.grad is not None and torch.isfinite(prototypes.grad).all()


def test_losses_of_one_region_keep_their_shape() -> None:
    one = torch.tensor([True])
    box = torch.tensor([[0.0, 0, 10, 10]])

    assert region_iou_loss(torch.tensor([[0.25]]), torch.tensor([0.75]), one).item() == pytest.approx(0.5)
    assert region_box_loss("smooth_l1", box, torch.full((1, 4), 0.5), box, one).item() == pytest.approx(2)


def test_losses_of_no_region_are_zero_and_connected() -> None:
    logits = torch.zeros(0, 28, 28, requires_grad=True)
    classes = torch.zeros(0, 3, requires_grad=True)
    none = torch.zeros(0, dtype=torch.int64)

    total = mask_loss(logits, torch.zeros(0, 28, 28)) + classification_loss(classes, none)
    total.backward()

    assert total.item() == 0
    assert logits.grad is not None and classes.grad is not None


def test_the_box_loss_is_divided_by_what_could_have_been_drawn() -> None:
    anchors = torch.tensor([[0.0, 0, 10, 10], [10, 0, 20, 10]])
    boxes = torch.tensor([[[0.0, 0, 10, 10], [0, 0, 0, 0]]])
    deltas = torch.tensor([[[0.5, 0.5, 0.5, 0.0], [0.0, 0, 0, 0]]])

    loss = proposal_box_loss("iou", anchors, deltas, boxes, torch.tensor([[1, 0]]), 4)

    assert loss.item() == pytest.approx((1 - 0.5) / 4)
