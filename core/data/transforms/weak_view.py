"""CoaST's weak augmentation of image, label and soft label: scale, crop, flip (CoaST 2.4).

Soft labels are stored at a reduced size. Every step is linear along each axis, so each axis is one small matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image as Pictures
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.samples import Image, LabelMap

SoftResample = Literal["direct", "chain"]
Size = tuple[int, int]
"""(height, width)."""
Weights = npt.NDArray[np.float64]
SCALES = (0.5, 1.5)


@dataclass(frozen=True)
class WeakView:
    """The weak augmentation of an item.

    Attributes:
        size: (height, width) after the resize.
        row: first row of the crop.
        column: first column of the crop.
        is_flipped: whether left and right of the crop are exchanged.
    """

    size: Size
    row: int
    column: int
    is_flipped: bool


def scaled_size(size: Size, width: int, factor: float) -> Size:
    """Return the size at a factor of a reference width; the aspect is that of `size`, and sides are rounded down."""
    scaled = int(factor * width)
    return int(scaled / (size[1] / size[0])), scaled


def draw_weak_view(size: Size, width: int, crop: Size, generator: np.random.Generator, flip: float = 0.5) -> WeakView:
    """Draw a view; the generator always advances by the same amount.

    Args:
        size: (height, width) of the item.
        width: width after a resize by factor 1; factors are uniform in [0.5, 1.5).
        crop: (height, width).
        generator: source of the draws.
        flip: probability of a flip.
    """
    u_scale, u_column, u_row, u_flip = generator.random(4).tolist()
    scaled = scaled_size(size, width, SCALES[0] + (SCALES[1] - SCALES[0]) * u_scale)
    row, column = (
        int(u * (max(side - window, 0) + 1)) for u, side, window in zip((u_row, u_column), scaled, crop, strict=True)
    )
    return WeakView(scaled, row, column, u_flip < flip)


def weak_augment(image: Image, label: LabelMap, view: WeakView, crop: Size) -> tuple[Image, LabelMap]:
    """Return a view of an image (bilinear, antialiased) and its label (nearest); padding is black and ignored.

    Args:
        image: (H, W, 3).
        label: (H, W).
        view: the view.
        crop: (height, width) of the result.
    """
    height, width = view.size
    pixels = Pictures.fromarray(image).resize((width, height), Pictures.Resampling.BILINEAR)
    return _cropped(np.asarray(pixels), view, crop, 0), weak_label(label, view, crop)


def weak_label(label: LabelMap, view: WeakView, crop: Size) -> LabelMap:
    """Return a view of only a label; pixels outside the crop are not computed."""
    starts = (view.row, view.column)
    rows, columns = (
        _nearest(own, scaled)[start : start + window]
        for own, scaled, start, window in zip(label.shape, view.size, starts, crop, strict=True)
    )
    return _padded(label.take(rows, axis=0).take(columns, axis=1), view, crop, IGNORE_INDEX)


def weak_image(image: Image, view: WeakView, crop: Size) -> Image:
    """Return a view of only an image; pixels outside the crop are not computed.

    It takes a third of the time of `weak_augment`. A few values in a hundred differ from its result by one grey level
    (two in noise), because Pillow rounds the crop's position to 32 bits.
    """
    starts, (own_height, own_width) = (view.row, view.column), image.shape[:2]
    height, width = (min(window, side - at) for window, side, at in zip(crop, view.size, starts, strict=True))
    y, x = own_height / view.size[0], own_width / view.size[1]
    right, bottom = min((view.column + width) * x, own_width), min((view.row + height) * y, own_height)
    box = (view.column * x, view.row * y, right, bottom)
    pixels = Pictures.fromarray(image).resize((width, height), Pictures.Resampling.BILINEAR, box=box)
    return _padded(np.asarray(pixels), view, crop, 0)


def to_unit(image: Image) -> Tensor:
    """Return an (h, w, 3) uint8 image as (3, h, w) float32 in [0, 1], without further normalisation."""
    # The conversion copies the array, which may belong to a cache, so the result may be written to.
    channels_first = torch.from_numpy(np.require(image, requirements="W")).permute(2, 0, 1)
    return channels_first.to(torch.float32, memory_format=torch.contiguous_format).div_(255)


def soft_weights(
    stored: Size, size: Size, view: WeakView, crop: Size, share: int, mode: SoftResample = "direct"
) -> tuple[Weights, Weights]:
    """Return the weights with which each row and column of a view's soft label reads the stored one.

    REFERENCE (mode "chain"): resize the label to the image's size, then to the view's, crop, and reduce it. Mode
    "direct" interpolates once.

    Args:
        stored: (height, width) of the stored soft label.
        size: (height, width) of the item.
        view: the view.
        crop: (height, width) of the view.
        share: side of one cell of the result, in pixels of the crop.
        mode: "direct" or "chain".

    Returns:
        (crop height / share, stored height) and (crop width / share, stored width); rows of padding are 0.
    """
    lines = (False, view.row), (view.is_flipped, view.column)
    rows, columns = (
        _axis(sides, start, is_flipped, share, mode)
        for (is_flipped, start), *sides in zip(lines, stored, size, view.size, crop, strict=True)
    )
    return rows, columns


def soft_view(probs: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return the soft labels (…, C, h, w) of views, from stored ones (…, C, h0, w0) and the weights of each axis.

    Args:
        probs: stored soft labels of any floating type.
        rows: (…, h, h0) from `soft_weights`.
        columns: (…, w, w0) from `soft_weights`.
    """
    return rows.unsqueeze(-3) @ probs.to(rows.dtype) @ columns.unsqueeze(-3).mT


def _cropped(pixels: npt.NDArray[np.uint8], view: WeakView, crop: Size, filling: int) -> npt.NDArray[np.uint8]:
    return _padded(pixels[view.row : view.row + crop[0], view.column : view.column + crop[1]], view, crop, filling)


def _padded(part: npt.NDArray[np.uint8], view: WeakView, crop: Size, filling: int) -> npt.NDArray[np.uint8]:
    """Pad the available part of a crop to the crop's size, and flip it if the view is flipped."""
    whole = part
    if part.shape[:2] != crop:
        whole = np.full((*crop, *part.shape[2:]), filling, dtype=np.uint8)
        whole[: part.shape[0], : part.shape[1]] = part
    return np.ascontiguousarray(whole[:, ::-1] if view.is_flipped else whole)


def _nearest(own: int, scaled: int) -> npt.NDArray[np.int64]:
    """Return for each of `scaled` pixels of a resized side the nearest of its `own` pixels."""
    step = own / scaled
    # Pillow adds up the steps; for a pixel midway between two, the rounding of the sum decides.
    return np.cumsum([0.5 * step, *[step] * (scaled - 1)]).astype(np.int64)


def _axis(sides: list[int], start: int, is_flipped: bool, share: int, mode: SoftResample) -> Weights:
    stored, full, scaled, crop = sides
    cells = _positions(crop, crop // share)
    if mode == "direct":
        at = start + (crop - 1 - cells if is_flipped else cells)
        weights = _interpolation(at * (stored - 1) / max(scaled - 1, 1), stored)
        weights[at > scaled - 1] = 0
        return weights
    seen = _positions(full, scaled)[start : start + crop]
    window = np.zeros((crop, stored))
    window[: len(seen)] = _interpolation(seen, full) @ _interpolation(_positions(stored, full), stored)
    reduced: Weights = _interpolation(cells, crop) @ (window[::-1] if is_flipped else window)
    return reduced


def _positions(source: int, target: int) -> Weights:
    """Return the positions of `target` points among `source` points, with the first and last ones aligned."""
    return np.linspace(0, source - 1, target)


def _interpolation(at: Weights, count: int) -> Weights:
    """Return the weights (n, count) of points at real positions between `count` others."""
    weights: Weights = np.maximum(0.0, 1 - np.abs(at[:, None] - np.arange(count)))
    return weights
