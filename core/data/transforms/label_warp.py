"""Applying the geometry of strong augmentation to labels (CoaST 2.2).

Coordinates are those of pixel centres, (x + 0.5, y + 0.5). A step is an affine matrix from a pixel of the result to its
source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.transforms.randaugment import GEOMETRIC, NUM_OPERATIONS, Applied, Operation, StrongPlan

WarpMode = Literal["exact", "reference"]
Size = tuple[int, int]
"""(height, width)."""
Steps = npt.NDArray[np.float32]
"""(S, 2, 3): affine matrices, first step first."""
_STAY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def warp_steps(plan: StrongPlan, grid: Size, share: int, mode: WarpMode = "exact") -> Steps:
    """Return the steps of a plan for labels on a coarser grid; plans of the same mode have the same number of them.

    PAPER: labels move with their pixels. REFERENCE (mode "reference"): of two operations of one kind only the last
    counts, the order is fixed, translations are rounded down to the grid, and a translation along x is divided by the
    height.

    Args:
        plan: plan of the image.
        grid: size of the labels.
        share: side of one cell of the grid, in pixels of the image.
        mode: "exact" as in the paper, or "reference".
    """
    flip = ((-1.0, 0.0, float(grid[1])), (0.0, 1.0, 0.0)) if plan.is_flipped else _STAY
    moves = [one for one in plan.operations if one.operation in GEOMETRIC]
    if mode == "exact":
        steps = [flip, *(_matrix(one, grid, one.amount / share) for one in moves)]
        return np.array(steps + [_STAY] * (1 + NUM_OPERATIONS - len(steps)), dtype=np.float32)
    amounts = dict(moves)
    return np.array([flip, *(_reference_matrix(kind, amounts, grid, share) for kind in GEOMETRIC)], dtype=np.float32)


def warp_labels(
    labels: Tensor, steps: Tensor, boxes: Tensor, share: int, mode: WarpMode = "exact", ignore_index: int = IGNORE_INDEX
) -> Tensor:
    """Return the labels of strongly augmented images, by the nearest pixel.

    Mode "exact" samples the labels once. Pixels that any step takes from outside are ignored, because the image is grey
    there. REFERENCE samples at every step.

    Args:
        labels: (B, h, w) int64 labels of the images before the augmentation.
        steps: (B, S, 2, 3) from `warp_steps`.
        boxes: (B, 4) left, top, right and bottom of CutOut in pixels of the image.
        share: side of one cell of the grid, in pixels of the image.
        mode: mode of the steps.
        ignore_index: label of unknown pixels.
    """
    height, width = labels.shape[-2:]
    rows, columns = (torch.arange(side, device=labels.device, dtype=steps.dtype) + 0.5 for side in (height, width))
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    centres = torch.stack([x, y, torch.ones_like(x)]).flatten(1).expand(len(labels), -1, -1)  # (B, 3, h·w)
    if mode == "exact":
        points, is_inside = centres, torch.ones_like(centres[:, 0], dtype=torch.bool)
        for step in reversed(steps.unbind(dim=1)):
            points = _moved(points, step)
            is_inside = is_inside & _inside(points, height, width)
        labels = _sampled(labels, points, is_inside, ignore_index)
    else:
        for step in steps.unbind(dim=1):
            points = _moved(centres, step)
            labels = _sampled(labels, points, _inside(points, height, width), ignore_index)
    return torch.where(_cut(boxes // share, rows, columns), ignore_index, labels)


def _matrix(move: Applied, grid: Size, cells: float) -> tuple[tuple[float, ...], ...]:
    """Return the matrix of an operation; `cells` is the length of a translation on the grid."""
    height, width = grid
    if move.operation is Operation.SHEAR_X:
        return ((1, move.amount, 0), (0, 1, 0))
    if move.operation is Operation.SHEAR_Y:
        return ((1, 0, 0), (move.amount, 1, 0))
    if move.operation is Operation.TRANSLATE_X:
        return ((1, 0, cells), (0, 1, 0))
    if move.operation is Operation.TRANSLATE_Y:
        return ((1, 0, 0), (0, 1, cells))
    cos, sin = math.cos(math.radians(move.amount)), math.sin(math.radians(move.amount))
    x, y = width / 2, height / 2
    return ((cos, -sin, x - cos * x + sin * y), (sin, cos, y - sin * x - cos * y))


def _reference_matrix(
    kind: Operation, amounts: Mapping[Operation, float], grid: Size, share: int
) -> tuple[tuple[float, ...], ...]:
    if kind not in amounts:
        return _STAY
    cells = float(amounts[kind] // share)
    if kind is Operation.TRANSLATE_X:
        cells *= grid[1] / grid[0]
    return _matrix(Applied(kind, amounts[kind]), grid, cells)


def _moved(points: Tensor, step: Tensor) -> Tensor:
    """Return (B, 3, n) homogeneous points through (B, 2, 3) matrices."""
    return torch.cat([step @ points, points[:, 2:]], dim=1)


def _inside(points: Tensor, height: int, width: int) -> Tensor:
    x, y = points[:, 0], points[:, 1]
    return (x >= 0) & (x < width) & (y >= 0) & (y < height)


def _sampled(labels: Tensor, points: Tensor, is_inside: Tensor, ignore_index: int) -> Tensor:
    """Return the label at each point, (B, h, w), and `ignore_index` outside."""
    height, width = labels.shape[-2:]
    column, row = (points[:, axis].floor().long().clamp(0, side - 1) for axis, side in enumerate((width, height)))
    taken = labels.flatten(1).gather(1, row * width + column)
    return torch.where(is_inside, taken, ignore_index).view_as(labels)


def _cut(boxes: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return the masks of boxes (B, 4) in cells, (B, h, w) bool; right and bottom edges are outside."""
    left, top, right, bottom = (edge[:, None, None] for edge in boxes.unbind(dim=1))
    y, x = rows[None, :, None], columns[None, None]
    return (x >= left) & (x < right) & (y >= top) & (y < bottom)
