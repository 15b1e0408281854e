"""CoaST's weak augmentation of image, label and soft label: scale, crop, flip (CoaST 2.4).

Soft labels are stored small, and every step is linear along each axis, so that each axis is one small matrix.
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
    """What happens to an item.

    Attributes:
        size: (height, width) to which it is brought.
        row: where the crop begins.
        column: where the crop begins.
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
        width: to which a factor of 1 brings it; factors are uniform in [0.5, 1.5).
        crop: (height, width).
        generator: decides.
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
        view: what happens.
        crop: (height, width) of the result.
    """
    height, width = view.size
    pixels = Pictures.fromarray(image).resize((width, height), Pictures.Resampling.BILINEAR)
    return _cropped(np.asarray(pixels), view, crop, 0), weak_label(label, view, crop)


def weak_label(label: LabelMap, view: WeakView, crop: Size) -> LabelMap:
    """Return a view of a label alone; what lies outside the crop is not looked at."""
    starts = (view.row, view.column)
    rows, columns = (
        _nearest(own, scaled)[start : start + window]
        for own, scaled, start, window in zip(label.shape, view.size, starts, crop, strict=True)
    )
    return _padded(label.take(rows, axis=0).take(columns, axis=1), view, crop, IGNORE_INDEX)


def weak_image(image: Image, view: WeakView, crop: Size) -> Image:
    """Return a view of an image alone, without what lies outside the crop.

    It takes a third of the time of `weak_augment`. A few values in a hundred differ from there by a grey level, in
    noise by two: Pillow rounds where the crop begins to 32 bits.
    """
    starts, (own_height, own_width) = (view.row, view.column), image.shape[:2]
    height, width = (min(window, side - at) for window, side, at in zip(crop, view.size, starts, strict=True))
    y, x = own_height / view.size[0], own_width / view.size[1]
    right, bottom = min((view.column + width) * x, own_width), min((view.row + height) * y, own_height)
    box = (view.column * x, view.row * y, right, bottom)
    pixels = Pictures.fromarray(image).resize((width, height), Pictures.Resampling.BILINEAR, box=box)
    return _padded(np.asarray(pixels), view, crop, 0)


def to_unit(image: Image) -> Tensor:
    """Return an (h, w, 3) uint8 image as (3, h, w) float32 in [0, 1]; nothing else is normalised."""
    # Copied as it is converted: the array may belong to a cache, and nothing else writes to the result.
    channels_first = torch.from_numpy(np.require(image, requirements="W")).permute(2, 0, 1)
    return channels_first.to(torch.float32, memory_format=torch.contiguous_format).div_(255)


def soft_weights(
    stored: Size, size: Size, view: WeakView, crop: Size, share: int, mode: SoftResample = "direct"
) -> tuple[Weights, Weights]:
    """Return what each line and each column of a view's soft label takes from the stored one.

    REFERENCE: the label is brought to the image's size, to the view's, cropped, and reduced; "chain" gives it. "direct"
    interpolates once.

    Args:
        stored: (height, width) of the stored soft label.
        size: (height, width) of the item.
        view: what happens.
        crop: (height, width) of the view.
        share: pixels of the crop on a side of one cell of the result.
        mode: see above.

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
    """Return the soft labels (…, C, h, w) of views, of stored ones (…, C, h0, w0) and the weights of each axis.

    Args:
        probs: stored, of any floating type.
        rows: (…, h, h0) of `soft_weights`.
        columns: (…, w, w0).
    """
    return rows.unsqueeze(-3) @ probs.to(rows.dtype) @ columns.unsqueeze(-3).mT


def _cropped(pixels: npt.NDArray[np.uint8], view: WeakView, crop: Size, filling: int) -> npt.NDArray[np.uint8]:
    return _padded(pixels[view.row : view.row + crop[0], view.column : view.column + crop[1]], view, crop, filling)


def _padded(part: npt.NDArray[np.uint8], view: WeakView, crop: Size, filling: int) -> npt.NDArray[np.uint8]:
    """Return what of a crop there is at the crop's size, flipped where the view is."""
    whole = part
    if part.shape[:2] != crop:
        whole = np.full((*crop, *part.shape[2:]), filling, dtype=np.uint8)
        whole[: part.shape[0], : part.shape[1]] = part
    return np.ascontiguousarray(whole[:, ::-1] if view.is_flipped else whole)


def _nearest(own: int, scaled: int) -> npt.NDArray[np.int64]:
    """Return which of `own` pixels the nearest one is, for each pixel of a side that is brought to `scaled`."""
    step = own / scaled
    # Pillow adds up the steps; where a pixel lies between two, the sum's rounding decides.
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
    """Return where each of `target` points lies on `source` points when the first and last ones meet."""
    return np.linspace(0, source - 1, target)


def _interpolation(at: Weights, count: int) -> Weights:
    """Return the weights (n, count) of points at real positions between `count` others."""
    weights: Weights = np.maximum(0.0, 1 - np.abs(at[:, None] - np.arange(count)))
    return weights
