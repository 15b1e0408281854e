"""Logits of whole images: sliding windows, several scales, mirrored copies (STAL 7)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Size = tuple[int, int]
LogitsOf = Callable[[Tensor], Tensor]
"""Windows (n, 3, h, w) -> logits (n, C, h', w') of any size."""


def window_starts(length: int, crop: int) -> list[int]:
    """Return the start positions of windows along one side: every ⌈2/3 crop⌉, the last shifted back inside."""
    stride = math.ceil(crop * 2 / 3)
    count = max(1, math.ceil((length - crop) / stride) + 1)
    return [min(index * stride, max(length - crop, 0)) for index in range(count)]


def scaled_size(size: Size, scale: float, base_size: int) -> Size:
    """Return (height, width): the longer side is round(scale·base_size), the other is in proportion, rounded."""
    height, width = size
    longer = round(scale * base_size)
    if height > width:
        return longer, round(width * longer / height)
    return round(height * longer / width), longer


@torch.no_grad()
def sliding_logits(logits_of: LogitsOf, image: Tensor, crop: Size, batch_size: int = 4) -> Tensor:
    """Return the mean logits of overlapping windows.

    An image smaller than the crop is padded with zeros on all sides; the logits of the padding are cut off.

    Args:
        logits_of: a model in evaluation mode.
        image: (1, 3, H, W) normalised.
        crop: (height, width) of a window.
        batch_size: windows per forward pass.

    Returns:
        (1, C, H, W).
    """
    height, width = image.shape[-2:]
    pad_h, pad_w = max(crop[0] - height, 0), max(crop[1] - width, 0)
    top, left = pad_h // 2, pad_w // 2
    padded = F.pad(image, (left, pad_w - left, top, pad_h - top))
    corners = [
        (row, column)
        for row in window_starts(padded.shape[2], crop[0])
        for column in window_starts(padded.shape[3], crop[1])
    ]
    total = visits = torch.zeros((), device=image.device)
    for first in range(0, len(corners), batch_size):
        chosen = corners[first : first + batch_size]
        windows = torch.cat([padded[..., y : y + crop[0], x : x + crop[1]] for y, x in chosen])
        logits = F.interpolate(logits_of(windows).float(), crop, mode="bilinear", align_corners=True)
        if first == 0:
            total = logits.new_zeros(logits.shape[1], *padded.shape[2:])
            visits = logits.new_zeros(padded.shape[2:])
        for (y, x), window in zip(chosen, logits, strict=True):
            total[:, y : y + crop[0], x : x + crop[1]] += window
            visits[y : y + crop[0], x : x + crop[1]] += 1
    return (total / visits)[None, :, top : top + height, left : left + width]


@torch.no_grad()
def multi_scale_logits(
    logits_of: LogitsOf, image: Tensor, crop: Size, base_size: int, scales: Sequence[float] = (1.0,), flip: bool = False
) -> Tensor:
    """Return the sum over scales of the sliding-window logits at the image's own size.

    Args:
        logits_of: a model in evaluation mode.
        image: (1, 3, H, W) normalised.
        crop: (height, width) of a window.
        base_size: longer side at scale 1.
        scales: factors of `base_size`.
        flip: average with the logits of the mirrored image.

    Returns:
        (1, C, H, W).
    """
    size = (image.shape[2], image.shape[3])
    total = None
    for scale in scales:
        resized = resize_logits(image, scaled_size(size, scale, base_size))
        logits = sliding_logits(logits_of, resized, crop)
        if flip:
            logits = (logits + sliding_logits(logits_of, resized.flip(3), crop).flip(3)) / 2
        logits = resize_logits(logits, size)
        total = logits if total is None else total + logits
    if total is None:
        raise ValueError("no scale was given; give at least one, such as 1.0")
    return total


@dataclass(frozen=True)
class InferenceRule:
    """How the logits of whole images are computed.

    Attributes:
        mode: one pass over whole images, or sliding windows.
        crop_px: side of a window.
        base_size: longer side of an image at scale 1 (sliding).
        scales: factors of `base_size`; their logits are summed (sliding).
        flip: average with the mirrored image (sliding).
        seen_size: (height, width) of the network's input (whole); None = the image's own size.
    """

    mode: Literal["whole", "sliding"]
    crop_px: int
    base_size: int
    scales: Sequence[float] = (1.0,)
    flip: bool = False
    seen_size: Size | None = None

    def logits(self, logits_of: LogitsOf, images: Tensor) -> Tensor:
        """Return logits (B, C, H, W) of images (B, 3, H, W) at their own size.

        Args:
            logits_of: a model in evaluation mode; for whole images it returns logits at the images' size.
            images: normalised.
        """
        if self.mode == "whole":
            if self.seen_size is None:
                return logits_of(images)
            # Antialiased, as training images are when they are resized to that size.
            seen = F.interpolate(images, self.seen_size, mode="bilinear", antialias=True)
            return resize_logits(logits_of(seen).float(), images.shape[-2:])
        crop = (self.crop_px, self.crop_px)
        each = (
            multi_scale_logits(logits_of, image[None], crop, self.base_size, self.scales, self.flip) for image in images
        )
        return torch.cat(list(each))


def resize_logits(logits: Tensor, size: Sequence[int]) -> Tensor:
    """Resize (B, C, h, w) bilinearly to (height, width) with aligned corners; the spec's up()."""
    return F.interpolate(logits, list(size), mode="bilinear", align_corners=True)
