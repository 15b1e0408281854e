"""Crop, flip and resize of image and label together, with recorded parameters (EIR 2.4). Free of torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

from core.data.samples import Image, LabelMap

ATTEMPTS = 10
RATIO_LIMITS = (3 / 4, 4 / 3)
_LOG_RATIO_LIMITS = (math.log(3 / 4), math.log(4 / 3))


@dataclass(frozen=True)
class CropParams:
    """The crop of a training image: the box, in pixels of the original, and whether the crop is flipped."""

    top: int
    left: int
    height: int
    width: int
    is_flipped: bool = False


def crop_from_draws(
    width: int, height: int, area_and_log_ratio: npt.NDArray[np.float64], corner: npt.NDArray[np.float64]
) -> CropParams:
    """Choose the box of a random resized crop from given random numbers.

    The first attempt that fits into the image is taken, at a uniform position. If none fits, the largest centred box
    with width over height between 3/4 and 4/3 is taken.

    Args:
        width: width of the image.
        height: height of the image.
        area_and_log_ratio: (attempts, 2): area as a share of the image's, and the logarithm of width over height.
        corner: (2,) in [0, 1): top, then left, as a share of the possible positions.
    """
    for area_share, log_ratio in area_and_log_ratio.tolist():
        area, ratio = area_share * width * height, math.exp(log_ratio)
        # Python rounds halves to even, as the published pipeline does.
        crop_w, crop_h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < crop_w <= width and 0 < crop_h <= height:
            tops, lefts = height - crop_h, width - crop_w
            top = min(math.floor(corner[0] * (tops + 1)), tops)
            left = min(math.floor(corner[1] * (lefts + 1)), lefts)
            return CropParams(top, left, crop_h, crop_w)
    return _centred_crop(width, height)


def draw_crop(
    width: int, height: int, generator: np.random.Generator, area: tuple[float, float] = (0.5, 2.0)
) -> CropParams:
    """Draw a random resized crop; the generator always advances by the same amount.

    Args:
        width: width of the image.
        height: height of the image.
        generator: source of the draws.
        area: smallest and largest area as a share of the image's.
    """
    low, high = (area[0], _LOG_RATIO_LIMITS[0]), (area[1], _LOG_RATIO_LIMITS[1])
    draws = generator.uniform(low, high, size=(ATTEMPTS, 2))
    return crop_from_draws(width, height, draws, generator.random(2))


def _centred_crop(width: int, height: int) -> CropParams:
    narrowest, widest = RATIO_LIMITS
    crop_w, crop_h = width, height
    if width / height < narrowest:
        crop_h = round(width / narrowest)
    elif width / height > widest:
        crop_w = round(height * widest)
    return CropParams((height - crop_h) // 2, (width - crop_w) // 2, crop_h, crop_w)


def crop_and_resize(image: Image, label: LabelMap, crop: CropParams, side_px: int) -> tuple[Image, LabelMap]:
    """Cut a box out, resize it to a square, and flip it if `crop` is flipped.

    Args:
        image: (H, W, 3), resized bilinearly with antialiasing.
        label: (H, W), resized to the nearest pixel.
        crop: the box and the flip.
        side_px: side of the result.

    Returns:
        (side, side, 3) and (side, side) uint8, contiguous.
    """
    box = (crop.left, crop.top, crop.left + crop.width, crop.top + crop.height)
    # Not `resize(box=...)`: its filter reads pixels outside the box, which the published pipeline cuts off first.
    resized = PILImage.fromarray(image).crop(box).resize((side_px, side_px), PILImage.Resampling.BILINEAR)
    nearest = PILImage.fromarray(label).resize((side_px, side_px), PILImage.Resampling.NEAREST, box=box)
    pixels, ids = np.asarray(resized), np.asarray(nearest)
    if crop.is_flipped:
        pixels, ids = pixels[:, ::-1], ids[:, ::-1]
    return np.ascontiguousarray(pixels), np.ascontiguousarray(ids)


def resize_shorter_side(image: Image, label: LabelMap, side_px: int) -> tuple[Image, LabelMap]:
    """Resize so that the shorter side is `side_px`; the longer one keeps the proportion, rounded down."""
    height, width = label.shape
    shorter = min(height, width)
    size = (side_px * width // shorter, side_px * height // shorter)
    resized = PILImage.fromarray(image).resize(size, PILImage.Resampling.BILINEAR)
    nearest = PILImage.fromarray(label).resize(size, PILImage.Resampling.NEAREST)
    return np.asarray(resized), np.asarray(nearest)


def centre_crop(image: Image, label: LabelMap, side_px: int) -> tuple[Image, LabelMap]:
    """Cut the centred square out of an image with sides of at least `side_px`; half pixels round to even."""
    top, left = (round((extent - side_px) / 2) for extent in label.shape)
    part = (slice(top, top + side_px), slice(left, left + side_px))
    return image[part], label[part]
