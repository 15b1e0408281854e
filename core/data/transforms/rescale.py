"""Random resize, flip and crop of image and label in one pass (STAL 2.4).

The published order is normalise, resize, flip, pad, crop. Here only the pixels of the crop are computed,
each exactly as in the whole resized image, so the result is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.samples import Image, LabelMap
from core.data.transforms.presets import MEAN, STD

Size = tuple[int, int]
"""(height, width)."""


@dataclass(frozen=True)
class Rescale:
    """The parameters of an image: its size after the resize, whether it is flipped, and the first row and column.

    Rows and columns count from the corner of the resized image. An image smaller than the crop is first padded on both
    sides.
    """

    size: Size
    is_flipped: bool
    row: int
    column: int


class _Axis(NamedTuple):
    """For each line of the crop: two source lines, the weight of the second, the nearest line, and if it is inside."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    nearest: npt.NDArray[np.int64]
    is_inside: npt.NDArray[np.bool_]


def scale_from_draws(u0: float, u1: float, scale_range: tuple[float, float]) -> float:
    """Return the scale: below or above 1 with equal probability, uniform within each part of the range."""
    low, high = scale_range
    return low + (1 - low) * u1 if u0 < 0.5 else 1 + (high - 1) * u1


def rescaled_size(size: Size, scale: float) -> Size:
    """Return the size after a resize; sides are rounded down, but are at least one pixel."""
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def draw_rescale(
    size: Size, crop: Size, generator: np.random.Generator, scale_range: tuple[float, float] = (0.5, 2.0)
) -> Rescale:
    """Draw scale, flip and position of the crop; the generator always advances by the same amount."""
    u0, u1, u2, v_row, v_column = generator.random(5).tolist()
    new = rescaled_size(size, scale_from_draws(u0, u1, scale_range))
    row, column = (
        int(v * (max(side - window, 0) + 1)) for v, side, window in zip((v_row, v_column), new, crop, strict=True)
    )
    return Rescale(new, u2 < 0.5, row, column)


def centred(size: Size, crop: Size) -> Rescale:
    """Return the crop in the middle of an image that is not resized."""
    row, column = (max(side - window, 0) // 2 for side, window in zip(size, crop, strict=True))
    return Rescale(size, False, row, column)


def rescale_and_crop(
    image: Image, label: LabelMap, done: Rescale, crop: Size, pad_label: int = IGNORE_INDEX
) -> tuple[Tensor, Tensor]:
    """Return the crop of a resized image and its label.

    Args:
        image: (H, W, 3), interpolated bilinearly without aligned corners.
        label: (H, W), nearest pixel.
        done: size, flip and position.
        crop: (height, width) of the result.
        pad_label: label of padded pixels; REFERENCE pads with 0, which teaches "road" there.

    Returns:
        (3, h, w) float32 normalised, 0 in the padding, and (h, w) uint8.
    """
    rows = _axis(label.shape[0], done.size[0], crop[0], done.row, is_flipped=False)
    columns = _axis(label.shape[1], done.size[1], crop[1], done.column, is_flipped=done.is_flipped)
    inside = rows.is_inside[:, None] & columns.is_inside[None]
    ids = np.where(inside, label[rows.nearest[:, None], columns.nearest], np.uint8(pad_label))

    w_column, w_row = columns.weight[None, :, None], rows.weight[:, None, None]
    top, bottom = (_between(image[line], columns, w_column) for line in (rows.first, rows.second))
    pixels = torch.from_numpy(top + (bottom - top) * w_row).permute(2, 0, 1)
    mean, std = (torch.tensor(values).view(3, 1, 1) * 255 for values in (MEAN, STD))
    normalised = (pixels - mean) / std
    return torch.where(torch.from_numpy(inside), normalised, 0).contiguous(), torch.from_numpy(ids)


def _between(lines: Image, columns: _Axis, weight: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    left, right = (lines[:, chosen].astype(np.float32) for chosen in (columns.first, columns.second))
    return left + (right - left) * weight


def _axis(source: int, resized: int, window: int, start: int, *, is_flipped: bool) -> _Axis:
    position = np.arange(start, start + window) - max(window - resized, 0) // 2
    is_inside = (position >= 0) & (position < resized)
    position = position.clip(0, resized - 1)
    if is_flipped:
        position = resized - 1 - position
    ratio = source / resized
    exact = ((position + 0.5) * ratio - 0.5).clip(min=0)
    first = np.floor(exact).astype(np.int64).clip(max=source - 1)
    nearest = np.floor(position * ratio).astype(np.int64).clip(max=source - 1)
    return _Axis(first, (first + 1).clip(max=source - 1), (exact - first).astype(np.float32), nearest, is_inside)
