"""Losses between paired boxes, without a matrix of all pairs (SemSeg 4.3, 4.5).

Boxes are (N, 4) x0, y0, x1, y1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor
from torchvision.ops import complete_box_iou_loss, distance_box_iou_loss, generalized_box_iou_loss

BoxLossName = Literal["iou", "smooth_l1", "giou", "diou", "ciou"]
"""`smooth_l1` compares deltas and has beta 0, so it is L1; the others compare boxes."""
LEAST_IOU = 1e-6
"""Lower bound of the IoU in the IoU loss; boxes that do not overlap get no gradient."""


def paired_iou(boxes: Tensor, others: Tensor) -> Tensor:
    """Return the (N,) IoU of each box with the other box of its row; 0 where they do not overlap."""
    sides = torch.minimum(boxes[:, 2:], others[:, 2:]) - torch.maximum(boxes[:, :2], others[:, :2])
    intersection = sides.clamp(min=0).prod(dim=1)
    union = _areas(boxes) + _areas(others) - intersection
    meets = intersection > 0
    return torch.where(meets, intersection / torch.where(meets, union, 1), 0)


def iou_loss(boxes: Tensor, targets: Tensor) -> Tensor:
    """Return the sum of 1 − max(IoU, 1e-6) over the rows: linear, no logarithm; 0 without rows."""
    return (1 - paired_iou(boxes, targets).clamp(min=LEAST_IOU)).sum()


def _areas(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)


BOX_LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "iou": iou_loss,
    "giou": lambda boxes, targets: generalized_box_iou_loss(boxes, targets, reduction="sum"),
    "diou": lambda boxes, targets: distance_box_iou_loss(boxes, targets, reduction="sum"),
    "ciou": lambda boxes, targets: complete_box_iou_loss(boxes, targets, reduction="sum"),
}
"""Losses that compare boxes: (N, 4) boxes and targets -> their sum."""


def box_loss(name: BoxLossName, deltas: tuple[Tensor, Tensor], boxes: tuple[Callable[[], Tensor], Tensor]) -> Tensor:
    """Return a box loss, summed over the rows.

    Args:
        name: name of the loss.
        deltas: (N, 4) predicted and target deltas, in the units of the box code.
        boxes: a function that decodes the predicted boxes, and the (N, 4) target boxes, in pixels.
    """
    if name == "smooth_l1":
        return (deltas[0] - deltas[1]).abs().sum()
    return BOX_LOSSES[name](boxes[0](), boxes[1])
