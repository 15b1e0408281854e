from __future__ import annotations

import pytest
import torch
from torchvision.ops import box_iou

from core.losses.box_regression import BOX_LOSSES, iou_loss, paired_iou


def test_the_paired_iou_is_the_diagonal_of_the_matrix() -> None:
    corners = torch.rand(2, 64, 2, 2, generator=torch.Generator().manual_seed(3)) * 50
    ours, theirs = torch.cat([corners.amin(dim=2), corners.amax(dim=2)], dim=-1)

    assert torch.allclose(paired_iou(ours, theirs), box_iou(ours, theirs).diagonal())


def test_boxes_that_do_not_meet_or_have_no_area_have_iou_zero_and_no_gradient() -> None:
    boxes = torch.tensor([[0.0, 0, 1, 1], [5, 5, 5, 5]], requires_grad=True)
    targets = torch.tensor([[2.0, 2, 3, 3], [5, 5, 5, 5]])

    loss = iou_loss(boxes, targets)
    loss.backward()

    assert loss.item() == pytest.approx(2 - 2e-6)
    assert boxes.grad is not None
    assert boxes.grad.tolist() == [[0, 0, 0, 0]] * 2


@pytest.mark.parametrize("name", sorted(BOX_LOSSES))
def test_every_loss_is_nothing_of_no_boxes_and_of_equal_ones(name: str) -> None:
    boxes = torch.tensor([[0.0, 0, 4, 2], [1, 1, 3, 3]], requires_grad=True)

    assert BOX_LOSSES[name](boxes[:0], boxes[:0]).item() == 0
    assert BOX_LOSSES[name](boxes, boxes.detach()).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", sorted(BOX_LOSSES))
def test_gradients(name: str) -> None:
    targets = torch.tensor([[0.0, 0, 4, 2], [1, 1, 3, 3]], dtype=torch.float64)
    boxes = (targets + torch.tensor([0.3, -0.2, 0.5, 0.4])).requires_grad_()

    assert torch.autograd.gradcheck(lambda moved: BOX_LOSSES[name](moved, targets), (boxes,))
