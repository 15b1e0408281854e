"""Fitting an augmented instance into a paste cell: the source of each pixel (EIR 4.4, step 6)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from core.memory.geometry import Box, bounding_box

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fit:
    """Where the pixels of a fitted instance come from.

    Attributes:
        box: box of the instance in the augmented image.
        rows: (h',) source rows inside the box, ascending.
        columns: (w',) source columns inside the box.
        mask: (h', w') fitted pixels that show the instance; at least one is set.
    """

    box: Box
    rows: Indices
    columns: Indices
    mask: Mask


def fit_instance(mask: Mask, cell_px: int) -> Fit | None:
    """Scale the box of a mask to fill a cell, with nearest-neighbour sampling.

    The scale is min(B/(w+1), B/(h+1)) with the box's width and height, so the result is always smaller than the cell.

    Args:
        mask: (H, W) where the instance is.
        cell_px: side B of the cell.

    Returns:
        None when there is nothing to paste: the mask is empty, its box is one pixel wide or high, or scaling removes
        all its pixels.
    """
    box = bounding_box(mask)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    if width == 1 or height == 1:
        return None
    scale = min(cell_px / (width + 1), cell_px / (height + 1))
    rows, columns = nearest_sources(height, scale), nearest_sources(width, scale)
    fitted = mask.take(y0 + rows, axis=0).take(x0 + columns, axis=1)
    return Fit(box, rows, columns, fitted) if fitted.any() else None


def nearest_sources(side: int, scale: float) -> Indices:
    """Return the source index of each of the floor(side·scale) positions after a nearest resize by `scale`.

    The index is min(floor(position/scale), side − 1) in float32. We take it from torch's own CPU resize, because the
    published code uses it: torch first rounds 1/scale, and handles equal and doubled sides separately.
    """
    if math.floor(side * scale) == 0:
        return np.zeros(0, np.int64)
    ramp = torch.arange(side, dtype=torch.float32).view(1, 1, 1, side)
    resized = F.interpolate(ramp, scale_factor=(1.0, scale), mode="nearest")
    return resized.view(-1).to(torch.int64).numpy()
