"""The things of a street scene: their positions, and their outlines as boxes, discs and lines.

A thing's position is its nearness (0 at the horizon, 1 at the lower edge) and its offset across the road. Its outline
is given in its own frame: u across in [−1, 1], v up from the ground in [0, 1].
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.data.classes import CITYSCAPES_NAMES
from core.data.worlds.street_domains import StreetDomain

if TYPE_CHECKING:
    from core.data.worlds.streets import Canvas

Range = tuple[float, float]
Axis = npt.NDArray[np.floating[Any]]
Mask = npt.NDArray[np.bool_]


class Part(NamedTuple):
    """A box or an ellipse of a thing, in the thing's own frame, with its class.

    `form` is a key of `FORMS`. `name` is a class, or "" for the thing's own class; `shade` is a factor of its
    colour.
    """

    form: str
    left: float
    bottom: float
    right: float
    top: float
    name: str = ""
    shade: float = 1.0


def _box(u: Axis, v: Axis) -> Mask:
    return (np.abs(u) <= 1) & (np.abs(v) <= 1)


def _disc(u: Axis, v: Axis) -> Mask:
    inside: Mask = np.hypot(u, v) <= 1
    return inside


def _ring(u: Axis, v: Axis) -> Mask:
    radius = np.hypot(u, v)
    return np.asarray((radius <= 1) & (radius > 0.6))


FORMS: Mapping[str, Callable[[Axis, Axis], Mask]] = {"box": _box, "disc": _disc, "ring": _ring}
"""Form -> which pixels it covers, from u (1, w) and v (h, 1) in [−1, 1] over its box."""


@dataclass(frozen=True)
class Recipe:
    """Number, size, position and form of the things of a class.

    Attributes:
        count: mean number in a scene.
        height: height in picture heights at nearness 1.
        aspect: width over height.
        offset: distance from the middle of the road, in picture widths at the lower edge; either side.
        nearness: range of their nearness.
        parts: parts from back to front.
    """

    count: float
    height: Range
    aspect: Range
    offset: Range
    nearness: Range
    parts: Sequence[Part]


_WHEELS = (Part("disc", -0.8, 0.0, -0.4, 0.3, shade=0.25), Part("disc", 0.4, 0.0, 0.8, 0.3, shade=0.25))
_CAR = (
    Part("box", -1.0, 0.12, 1.0, 0.62),
    Part("box", -0.7, 0.55, 0.7, 1.0),
    Part("box", -0.6, 0.64, 0.6, 0.92, shade=0.45),
    *_WHEELS,
)
_BOX_VEHICLE = (Part("box", -1.0, 0.08, 1.0, 1.0), Part("box", -0.85, 0.55, 0.85, 0.85, shade=0.4), *_WHEELS)
_TRUCK = (Part("box", -1.0, 0.1, 1.0, 1.0), Part("box", -0.9, 0.12, 0.9, 0.3, shade=0.5), *_WHEELS)
_TRAIN = (
    Part("box", -1.0, 0.05, 1.0, 1.0),
    Part("box", -0.92, 0.5, 0.92, 0.8, shade=0.35),
    Part("box", -1.0, 0.3, 1.0, 0.38, shade=1.5),
)
_PERSON = (
    Part("box", -0.6, 0.0, -0.1, 0.5, shade=0.6),
    Part("box", 0.1, 0.0, 0.6, 0.5, shade=0.6),
    Part("disc", -0.9, 0.35, 0.9, 0.88),
    Part("disc", -0.45, 0.8, 0.45, 1.0, shade=1.6),
)
_TWO_WHEELS = (
    Part("ring", -1.0, 0.0, -0.2, 0.5),
    Part("ring", 0.2, 0.0, 1.0, 0.5),
    Part("box", -0.6, 0.25, 0.6, 0.42),
)
_MOTORCYCLE = (
    Part("disc", -1.0, 0.0, -0.3, 0.45),
    Part("disc", 0.3, 0.0, 1.0, 0.45),
    Part("box", -0.7, 0.2, 0.7, 0.55),
)
_ON_TOP = (Part("disc", -0.5, 0.42, 0.4, 0.88, "rider"), Part("disc", -0.25, 0.82, 0.2, 1.0, "rider", 1.5))
_POLE = (Part("box", -1.0, 0.0, 1.0, 1.0),)

RECIPES: Mapping[str, Recipe] = {
    "train": Recipe(0.35, (0.6, 0.8), (1.6, 2.6), (0.1, 0.5), (0.15, 0.45), _TRAIN),
    "truck": Recipe(0.4, (0.55, 0.75), (1.0, 1.5), (0.05, 0.4), (0.15, 0.6), _TRUCK),
    "bus": Recipe(0.4, (0.6, 0.8), (1.2, 1.8), (0.05, 0.45), (0.15, 0.6), _BOX_VEHICLE),
    "car": Recipe(2.0, (0.32, 0.4), (1.3, 1.8), (0.08, 0.6), (0.15, 0.85), _CAR),
    "motorcycle": Recipe(0.6, (0.34, 0.42), (1.1, 1.5), (0.3, 0.65), (0.3, 0.85), _MOTORCYCLE),
    "bicycle": Recipe(0.8, (0.36, 0.44), (1.2, 1.6), (0.45, 0.75), (0.3, 0.85), _TWO_WHEELS),
    "rider": Recipe(0.8, (0.58, 0.68), (0.7, 0.9), (0.25, 0.65), (0.3, 0.85), ()),
    "person": Recipe(2.2, (0.54, 0.66), (0.36, 0.46), (0.5, 0.95), (0.2, 0.85), _PERSON),
    "pole": Recipe(2.4, (1.1, 1.6), (0.03, 0.045), (0.55, 0.95), (0.15, 0.75), _POLE),
    "traffic sign": Recipe(1.5, (0.9, 1.1), (0.04, 0.05), (0.5, 0.85), (0.2, 0.65), _POLE),
    "traffic light": Recipe(1.3, (1.0, 1.25), (0.04, 0.05), (0.45, 0.85), (0.2, 0.65), _POLE),
}
"""Class -> recipe. Signs and lights hang on poles; riders sit on a bicycle or motorcycle."""
_HEADS: Mapping[str, tuple[Part, ...]] = {
    "traffic sign": (
        Part("disc", -7.0, 0.74, 7.0, 1.0, "traffic sign"),
        Part("disc", -4.0, 0.8, 4.0, 0.94, shade=1.4, name="traffic sign"),
    ),
    "traffic light": (
        Part("box", -5.0, 0.7, 5.0, 1.0, "traffic light"),
        Part("disc", -2.5, 0.88, 2.5, 0.97, "traffic light", 5.0),
        Part("disc", -2.5, 0.73, 2.5, 0.82, "traffic light", 2.5),
    ),
}


@dataclass(frozen=True)
class Thing:
    """One thing: its class and its position."""

    name: str
    nearness: float
    offset: float
    height: float
    aspect: float


def place_things(look: StreetDomain, generator: np.random.Generator) -> list[Thing]:
    """Return the things of a scene, far ones first."""
    things = []
    for name, recipe in RECIPES.items():
        for _ in range(generator.poisson(look.counts.get(name, recipe.count))):
            nearness, height, aspect, offset = (
                float(generator.uniform(*span))
                for span in (recipe.nearness, recipe.height, recipe.aspect, recipe.offset)
            )
            things.append(Thing(name, nearness, float(generator.choice((-1, 1))) * offset, height, aspect))
    return sorted(things, key=lambda thing: thing.nearness)


def draw_thing(canvas: Canvas, thing: Thing, look: StreetDomain, generator: np.random.Generator) -> None:
    """Draw a thing with all its parts; pixels outside the picture are cut off."""
    height = thing.height * thing.nearness * canvas.height
    half_width = max(height * thing.aspect / 2, 0.6)
    foot = canvas.horizon + thing.nearness * (canvas.height - canvas.horizon)
    centre = canvas.vanishing + thing.offset * thing.nearness * canvas.width
    name = thing.name
    if name == "rider":
        ride = "bicycle" if generator.random() < 0.6 else "motorcycle"
        parts = [
            *(part._replace(top=part.top * 0.62, bottom=part.bottom * 0.62) for part in RECIPES[ride].parts),
            *_ON_TOP,
        ]
        name = ride
    else:
        parts = [*RECIPES[name].parts, *_HEADS.get(name, ())]
        name = "pole" if name in _HEADS else name
    colours = {part.name or name: look.colour(part.name or name, generator) for part in parts}
    for part in parts:
        shown = part.name or name
        _draw_part(canvas, part, (centre, foot, half_width, height), shown, colours[shown] * part.shade)


def _draw_part(
    canvas: Canvas, part: Part, place: tuple[float, float, float, float], name: str, colour: npt.NDArray[np.float32]
) -> None:
    centre, foot, half_width, height = place
    left, right = centre + part.left * half_width, centre + part.right * half_width
    top, bottom = foot - part.top * height, foot - part.bottom * height
    first, last = max(int(top), 0), min(math.ceil(bottom) + 1, canvas.height)
    leftmost, rightmost = max(int(left), 0), min(math.ceil(right) + 1, canvas.width)
    if first >= last or leftmost >= rightmost:
        return
    rows, columns = np.arange(first, last), np.arange(leftmost, rightmost)
    # A pixel belongs to a part that covers its middle; a part thinner than a pixel still covers one.
    u = (columns[None] + 0.5 - (left + right) / 2) / max((right - left) / 2, 0.5)
    v = (rows[:, None] + 0.5 - (top + bottom) / 2) / max((bottom - top) / 2, 0.5)
    mask = FORMS[part.form](u, v)
    canvas.label[first:last, leftmost:rightmost][mask] = CITYSCAPES_NAMES.index(name)
    canvas.colours[first:last, leftmost:rightmost][mask] = np.clip(colour, 0, 255)
