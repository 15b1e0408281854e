"""Anchors with fixed strides and the two box codes of an open-set detector (SemSeg 3.2 to 3.4).

Boxes are (N, 4) x0, y0, x1, y1 in pixels of the padded image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder

ANCHOR_SIZES = (32, 64, 128, 256, 512)
STRIDES = (4, 8, 16, 32, 64)
DELTA_WEIGHTS = (10.0, 10.0, 5.0, 5.0)
LARGEST_LOG_SCALE = math.log(1000 / 16)
"""Upper bound of the predicted logarithm of a width or height."""


def grid_anchors(
    grids: Sequence[tuple[int, int]],
    sizes: Sequence[float] = ANCHOR_SIZES,
    strides: Sequence[int] = STRIDES,
    device: torch.device | None = None,
) -> list[Tensor]:
    """Return the (rows * columns, 4) square anchors of each level, row by row.

    The anchor of cell (i, j) is centred at (j·s, i·s): the stride is fixed and there is no half-cell offset.
    torchvision derives the stride from the image's size, which is wrong for sizes that it does not divide.

    Args:
        grids: (rows, columns) of each level.
        sizes: side of each level's anchors, in pixels.
        strides: of each level, in pixels.
        device: device of the result.
    """
    levels = []
    for (rows, columns), size, stride in zip(grids, sizes, strides, strict=True):
        y, x = torch.meshgrid(
            torch.arange(rows, device=device) * stride, torch.arange(columns, device=device) * stride, indexing="ij"
        )
        centres = torch.stack([x, y], dim=-1).reshape(-1, 2).to(torch.float32)
        levels.append(torch.cat([centres - size / 2, centres + size / 2], dim=1))
    return levels


def encode_sides(anchors: Tensor, boxes: Tensor) -> Tensor:
    """Return the (N, 4) distances from each anchor's centre to the box's left, top, right, bottom, in anchor sizes.

    A distance is negative where the centre is outside the box.
    """
    centres, sizes = _centres_and_sizes(anchors)
    return torch.cat([(centres - boxes[..., :2]) / sizes, (boxes[..., 2:] - centres) / sizes], dim=-1)


def decode_sides(anchors: Tensor, deltas: Tensor) -> Tensor:
    """Return the boxes of (..., 4) left, top, right, bottom; negative ones count as 0."""
    centres, sizes = _centres_and_sizes(anchors)
    sides = deltas.relu()
    return torch.cat([centres - sides[..., :2] * sizes, centres + sides[..., 2:] * sizes], dim=-1)


def encode_deltas(proposals: Tensor, boxes: Tensor) -> Tensor:
    """Return the (N, 4) Faster R-CNN deltas of boxes from proposals, weighted 10, 10, 5, 5."""
    deltas: Tensor = BoxCoder(DELTA_WEIGHTS).encode_single(boxes, proposals)
    return deltas


def decode_deltas(proposals: Tensor, deltas: Tensor) -> Tensor:
    """Return the (N, 4) boxes of weighted deltas; logarithms of sizes are bounded by `LARGEST_LOG_SCALE`."""
    boxes: Tensor = BoxCoder(DELTA_WEIGHTS, LARGEST_LOG_SCALE).decode_single(deltas, proposals)
    return boxes


def clip_boxes(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return boxes cut to an image of (height, width)."""
    height, width = size
    x, y = boxes[..., 0::2].clamp(0, width), boxes[..., 1::2].clamp(0, height)
    return torch.stack([x[..., 0], y[..., 0], x[..., 1], y[..., 1]], dim=-1)


def has_area(boxes: Tensor) -> Tensor:
    """Return (N,) booleans: whether a box has both a width and a height above 0."""
    return (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])


def _centres_and_sizes(boxes: Tensor) -> tuple[Tensor, Tensor]:
    sizes = boxes[..., 2:] - boxes[..., :2]
    return boxes[..., :2] + sizes / 2, sizes
