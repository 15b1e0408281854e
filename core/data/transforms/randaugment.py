"""CoaST's strong augmentation of an image: flip, two operations of RandAugment, CutOut (CoaST 2.1). Free of torch.

A plan is drawn first, then carried out on the image; `label_warp` applies the same plan to the labels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from PIL import Image as Pictures
from PIL import ImageEnhance, ImageOps

from core.data.samples import Image

NUM_OPERATIONS = 2
MOST_STRENGTH = 9
_GREY = 127


class Operation(StrEnum):
    """What RandAugment draws from, under its published names."""

    AUTO_CONTRAST = "AutoContrast"
    BRIGHTNESS = "Brightness"
    COLOR = "Color"
    CONTRAST = "Contrast"
    EQUALIZE = "Equalize"
    IDENTITY = "Identity"
    POSTERIZE = "Posterize"
    ROTATE = "Rotate"
    SHARPNESS = "Sharpness"
    SHEAR_X = "ShearX"
    SHEAR_Y = "ShearY"
    SOLARIZE = "Solarize"
    TRANSLATE_X = "TranslateX"
    TRANSLATE_Y = "TranslateY"


GEOMETRIC = (
    Operation.SHEAR_X,
    Operation.SHEAR_Y,
    Operation.TRANSLATE_X,
    Operation.TRANSLATE_Y,
    Operation.ROTATE,
)
"""Operations that move pixels; their amounts have a random sign."""


class Applied(NamedTuple):
    """An operation and its amount: degrees, pixels, a slope, a factor, bits or a threshold; 0 if it has none."""

    operation: Operation
    amount: float


class Box(NamedTuple):
    """A rectangle in pixels of the image; the right and bottom edges belong to it."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class StrongPlan:
    """The strong augmentation of an image, applied in the order of the attributes.

    Attributes:
        is_flipped: whether left and right are exchanged.
        operations: the operations to apply, in order.
        box: the box to fill with grey.
    """

    is_flipped: bool
    operations: tuple[Applied, ...]
    box: Box


def draw_plan(width: int, height: int, generator: np.random.Generator) -> StrongPlan:
    """Draw a plan; the generator always advances by the same amount.

    The flip and either operation happen with probability 1/2; operations are drawn with replacement, their strength
    from 1 to 9.
    """
    flip, u_box, v_box = generator.random(3).tolist()
    kinds = generator.integers(len(Operation), size=NUM_OPERATIONS).tolist()
    strengths = generator.integers(1, MOST_STRENGTH + 1, size=NUM_OPERATIONS).tolist()
    coins = generator.random((NUM_OPERATIONS, 2)) < 0.5
    operations = tuple(
        Applied(kind, amount_of(kind, strength, width, height, is_negative=bool(is_negative)))
        for kind, strength, (is_applied, is_negative) in zip(
            (tuple(Operation)[index] for index in kinds), strengths, coins.tolist(), strict=True
        )
        if is_applied
    )
    return StrongPlan(flip < 0.5, operations, box_at(u_box * width, v_box * height, width, height))


def amount_of(operation: Operation, strength: int, width: int, height: int, *, is_negative: bool = False) -> float:
    """Return the amount of an operation at a strength from 1 to 9; only operations that move pixels have a sign."""
    amount = _AMOUNTS.get(operation, _no_amount)(strength, width, height)
    return -amount if is_negative and operation in GEOMETRIC else amount


def box_at(x: float, y: float, width: int, height: int) -> Box:
    """Return CutOut's box around a point, with a third of the shorter side as its side.

    A box that leaves the image is shifted inside at left and top, and cut at right and bottom.

    Args:
        x: in [0, width).
        y: in [0, height).
        width: width of the image.
        height: height of the image.
    """
    side = min(width, height) // 3
    left, top = int(max(0, x - side / 2)), int(max(0, y - side / 2))
    return Box(left, top, min(width, left + side), min(height, top + side))


def carry_out(image: Image, plan: StrongPlan) -> Image:
    """Apply a plan to an image; uncovered pixels become grey."""
    picture = Pictures.fromarray(image)
    if plan.is_flipped:
        picture = picture.transpose(Pictures.Transpose.FLIP_LEFT_RIGHT)
    for operation, amount in plan.operations:
        picture = _ACTIONS[operation](picture, amount)
    strong = np.array(picture, dtype=np.uint8)
    strong[plan.box.top : plan.box.bottom + 1, plan.box.left : plan.box.right + 1] = _GREY
    return strong


Amount = Callable[[int, int, int], float]
Action = Callable[[Pictures.Image, float], Pictures.Image]


def _no_amount(_strength: int, _width: int, _height: int) -> float:
    return 0.0


def _factor(strength: int, _width: int, _height: int) -> float:
    return 0.09 * strength + 0.05


def _slope(strength: int, _width: int, _height: int) -> float:
    return 0.03 * strength


_AMOUNTS: dict[Operation, Amount] = {
    Operation.BRIGHTNESS: _factor,
    Operation.COLOR: _factor,
    Operation.CONTRAST: _factor,
    Operation.SHARPNESS: _factor,
    Operation.POSTERIZE: lambda strength, _width, _height: int(0.4 * strength) + 4,
    Operation.SOLARIZE: lambda strength, _width, _height: 256 - int(25.6 * strength),
    Operation.ROTATE: lambda strength, _width, _height: 3 * strength,
    Operation.SHEAR_X: _slope,
    Operation.SHEAR_Y: _slope,
    Operation.TRANSLATE_X: lambda strength, width, _height: int(0.03 * strength * width),
    Operation.TRANSLATE_Y: lambda strength, _width, height: int(0.03 * strength * height),
}


def _moved(picture: Pictures.Image, *matrix: float) -> Pictures.Image:
    """Return a picture in which each pixel is taken from the position that the affine matrix gives for it."""
    transform, bilinear = Pictures.Transform.AFFINE, Pictures.Resampling.BILINEAR
    return picture.transform(picture.size, transform, matrix, bilinear, fillcolor=(_GREY,) * 3)


_ACTIONS: dict[Operation, Action] = {
    Operation.AUTO_CONTRAST: lambda picture, _: ImageOps.autocontrast(picture),
    Operation.BRIGHTNESS: lambda picture, factor: ImageEnhance.Brightness(picture).enhance(factor),
    Operation.COLOR: lambda picture, factor: ImageEnhance.Color(picture).enhance(factor),
    Operation.CONTRAST: lambda picture, factor: ImageEnhance.Contrast(picture).enhance(factor),
    Operation.EQUALIZE: lambda picture, _: ImageOps.equalize(picture),
    Operation.IDENTITY: lambda picture, _: picture,
    Operation.POSTERIZE: lambda picture, bits: ImageOps.posterize(picture, int(bits)),
    Operation.ROTATE: lambda picture, degrees: picture.rotate(
        degrees, Pictures.Resampling.BILINEAR, fillcolor=(_GREY,) * 3
    ),
    Operation.SHARPNESS: lambda picture, factor: ImageEnhance.Sharpness(picture).enhance(factor),
    Operation.SHEAR_X: lambda picture, slope: _moved(picture, 1, slope, 0, 0, 1, 0),
    Operation.SHEAR_Y: lambda picture, slope: _moved(picture, 1, 0, 0, slope, 1, 0),
    Operation.SOLARIZE: lambda picture, threshold: ImageOps.solarize(picture, int(threshold)),
    Operation.TRANSLATE_X: lambda picture, pixels: _moved(picture, 1, 0, pixels, 0, 1, 0),
    Operation.TRANSLATE_Y: lambda picture, pixels: _moved(picture, 1, 0, 0, 0, 1, pixels),
}
