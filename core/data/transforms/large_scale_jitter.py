"""Views of an image and its binary mask for SAM: jitter in scale for training, a plain resize for tests (CoSAM 3.3)."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

IMAGE_PADDING = 128.0
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""Mean and deviation of SAM's images with values in [0, 255]."""


class View(NamedTuple):
    """(3, S, S) image and (1, S, S) mask, float32 with values in [0, 255]."""

    image: Tensor
    mask: Tensor


class JitterDraws(Protocol):
    """Random numbers of a jitter."""

    def uniform(self) -> float:
        """Return a draw of [0, 1)."""

    def integer(self, end: int) -> int:
        """Return a draw of 0 … end − 1."""


def flipped(view: View, draw: float) -> View:
    """Return the view, mirrored left to right if the draw of [0, 1) is at least 0.5."""
    return View(view.image.flip(-1), view.mask.flip(-1)) if draw >= 0.5 else view


def jittered_size(height: int, width: int, size: int, draw: float, scales: tuple[float, float]) -> tuple[int, int]:
    """Return height and width after a scaling chosen by a draw of [0, 1); computed in float32, halves to even."""
    smallest, largest = scales
    wanted = ((torch.tensor(draw, dtype=torch.float32) * (largest - smallest) + smallest) * size).round()
    scale = torch.minimum(wanted / height, wanted / width)
    new_height, new_width = (torch.tensor([height, width], dtype=torch.float32) * scale).round().int().tolist()
    return max(1, new_height), max(1, new_width)


def jittered(view: View, size: int, draws: JitterDraws, scales: tuple[float, float] = (0.1, 2.0)) -> View:
    """Return a view of `size`² pixels at a random scale: cropped if it is larger, else padded right and below.

    Args:
        view: a view of any size.
        size: S.
        draws: source of the scale, then of the crop's row, then of its column.
        scales: smallest and largest side over S; uniform between them.
    """
    height, width = view.mask.shape[-2:]
    height, width = jittered_size(height, width, size, draws.uniform(), scales)
    image, mask = resized(view, height, width)
    rows, columns = min(size, height), min(size, width)
    top, left = draws.integer(height - rows + 1), draws.integer(width - columns + 1)
    padding = (0, size - columns, 0, size - rows)
    image, mask = (maps[:, top : top + rows, left : left + columns] for maps in (image, mask))
    return View(F.pad(image, padding, value=IMAGE_PADDING), F.pad(mask, padding))


def resized(view: View, height: int, width: int) -> View:
    """Return a view at another size, bilinearly and without antialiasing; the aspect ratio is not kept."""
    image, mask = (
        F.interpolate(maps[None], (height, width), mode="bilinear", align_corners=False)[0]
        for maps in (view.image, view.mask)
    )
    return View(image, mask)


def to_bytes(image: Tensor) -> Tensor:
    """Return an image of values in [0, 255] as uint8, truncated."""
    return image.clamp(0, 255).to(torch.uint8)


def encoder_input(image: Tensor, size: int) -> Tensor:
    """Return the input of SAM's encoder for a uint8 image: normalised, and padded with zeros right and below.

    Args:
        image: (..., 3, h, w) uint8, no larger than `size`.
        size: side of the encoder's images.

    Raises:
        ValueError: if the image is larger.
    """
    height, width = image.shape[-2:]
    if height > size or width > size:
        raise ValueError(f"an image of {width}x{height} does not fit an encoder for {size}x{size}")
    mean, std = (torch.tensor(values, device=image.device)[:, None, None] for values in (MEAN, STD))
    return F.pad((image.float() - mean) / std, (0, size - width, 0, size - height))
