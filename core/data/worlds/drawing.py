"""Drawing tools of the worlds: shapes as signed distances, textures, colours and noise, all on whole arrays.

Shapes and textures are functions of (u, v), the coordinates of an object's own frame: u to the right, v down. The
object has a radius of about one unit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

Plane = npt.NDArray[np.floating[Any]]
"""(h, w) or, with colours, (h, w, 3); of any float type, with the precision of float32."""
Field = Callable[[Plane, Plane], Plane]
"""(u, v) -> one value per pixel."""


def _disc(u: Plane, v: Plane) -> Plane:
    return np.hypot(u, v) - 0.95


def _square(u: Plane, v: Plane) -> Plane:
    return np.maximum(np.abs(u), np.abs(v)) - 0.82


def _triangle(u: Plane, v: Plane) -> Plane:
    return np.maximum(v, 0.866 * np.abs(u) - 0.5 * v) - 0.58


def _star(u: Plane, v: Plane) -> Plane:
    # Symmetry leaves half of one of five arms; there the outline is the line from tip (1.15, 0) to the notch at 36 deg.
    arm = 2 * np.pi / 5
    angle = np.abs((np.arctan2(u, -v) + arm / 2) % arm - arm / 2)
    radius = np.hypot(u, v)
    notch_x, notch_y = 0.58 * np.cos(arm / 2), 0.58 * np.sin(arm / 2)
    along_x, along_y = 1.15 - notch_x, -notch_y
    length = np.hypot(along_x, along_y)
    x, y = radius * np.cos(angle) - notch_x, radius * np.sin(angle) - notch_y
    return np.asarray((y * along_x - x * along_y) / length)


def _kite(u: Plane, v: Plane) -> Plane:
    return np.asarray(0.63 * (np.abs(u) / 0.78 + np.abs(v) / 1.1 - 1))


def _ring(u: Plane, v: Plane) -> Plane:
    return np.asarray(np.abs(np.hypot(u, v) - 0.66) - 0.31)


def _plus(u: Plane, v: Plane) -> Plane:
    along, across = np.abs(u), np.abs(v)
    return np.asarray(np.minimum(np.maximum(along - 1, across - 0.4), np.maximum(along - 0.4, across - 1)))


def _crescent(u: Plane, v: Plane) -> Plane:
    return np.asarray(np.maximum(np.hypot(u, v) - 1, 0.75 - np.hypot(u - 0.5, v)))


def _hexagon(u: Plane, v: Plane) -> Plane:
    return np.asarray(np.maximum(0.866 * np.abs(u) + 0.5 * np.abs(v), np.abs(v)) - 0.85)


def _leaf(u: Plane, v: Plane) -> Plane:
    return np.asarray(np.maximum(np.hypot(u - 0.55, v), np.hypot(u + 0.55, v)) - 1.2)


SHAPES: dict[str, Field] = {
    "disc": _disc,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "kite": _kite,
    "ring": _ring,
    "plus": _plus,
    "crescent": _crescent,
    "hexagon": _hexagon,
    "leaf": _leaf,
}
"""Name -> signed distance, negative inside, in units of the object's radius; near the outline it is a true distance."""
SHAPE_EXTENT = 1.2
"""Largest distance of any shape's outline from its centre."""

_PERIOD = 0.5


def _wave(phase: Plane) -> Plane:
    """Return a square wave with soft edges, between 0 and 1, one period for each unit of phase."""
    return np.asarray(np.clip(0.5 + 1.5 * np.sin(2 * np.pi * phase), 0, 1))


def _bars(_u: Plane, v: Plane) -> Plane:
    return _wave(v / _PERIOD)


def _pales(u: Plane, _v: Plane) -> Plane:
    return _wave(u / _PERIOD)


def _diagonals(u: Plane, v: Plane) -> Plane:
    return _wave((u + v) / (1.414 * _PERIOD))


def _checks(u: Plane, v: Plane) -> Plane:
    columns, rows = _wave(u / 0.8), _wave(v / 0.8)
    return columns + rows - 2 * columns * rows


def _dots(u: Plane, v: Plane) -> Plane:
    from_centre = np.hypot((u / _PERIOD) % 1 - 0.5, (v / _PERIOD) % 1 - 0.5)
    return np.asarray(np.clip(0.5 + 6 * (from_centre - 0.3), 0, 1))


def _mesh(u: Plane, v: Plane) -> Plane:
    from_line = np.minimum(np.abs((u / 0.6) % 1 - 0.5), np.abs((v / 0.6) % 1 - 0.5))
    return np.asarray(np.clip(0.5 + 8 * (from_line - 0.12), 0, 1))


def _rings(u: Plane, v: Plane) -> Plane:
    return _wave(np.hypot(u, v) / _PERIOD)


def _spokes(u: Plane, v: Plane) -> Plane:
    return _wave(np.arctan2(v, u) * np.float32(3 / np.pi))


TEXTURES: dict[str, Field] = {
    "bars": _bars,
    "pales": _pales,
    "diagonals": _diagonals,
    "checks": _checks,
    "dots": _dots,
    "mesh": _mesh,
    "rings": _rings,
    "spokes": _spokes,
}
"""Name -> share of the second colour, 0 to 1."""


def frame(
    centre_xy: tuple[float, float], radius: float, angle: float, size_px: int
) -> tuple[slice, slice, Plane, Plane]:
    """Return the part of a canvas that an object can touch, and the object's (u, v) at its pixels.

    Args:
        centre_xy: centre of the object, in pixels.
        radius: radius of the object, in pixels.
        angle: rotation in radians.
        size_px: side of the square canvas.

    Returns:
        Rows and columns of the part (it may be empty), and u and v, (h, w) each.
    """
    reach = radius * SHAPE_EXTENT + 2
    (left, top), (right, bottom) = (
        [int(np.clip(round(centre + sign * reach), 0, size_px)) for centre in centre_xy] for sign in (-1, 1)
    )
    dx = ((np.arange(left, right, dtype=np.float32) + 0.5 - centre_xy[0]) / radius)[None, :]
    dy = ((np.arange(top, bottom, dtype=np.float32) + 0.5 - centre_xy[1]) / radius)[:, None]
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return slice(top, bottom), slice(left, right), dx * cos + dy * sin, dy * cos - dx * sin


def hsv_colours(hue: npt.ArrayLike, saturation: npt.ArrayLike, value: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Return (..., 3) RGB in [0, 255] of hue (in turns, any real), saturation and value (0 to 1), which broadcast."""
    turns, s, v = (np.asarray(part, dtype=np.float32)[..., None] for part in (hue, saturation, value))
    distance = np.abs((turns + np.array([0, 2 / 3, 1 / 3], dtype=np.float32)) % 1 * 6 - 3)
    return np.asarray(255 * v * (1 - s + s * np.clip(distance - 1, 0, 1)), dtype=np.float32)


def smooth_noise(generator: np.random.Generator, size_px: int, cells: int, colours: npt.NDArray[np.float32]) -> Plane:
    """Return an (S, S, 3) field that blends colours drawn from a (K, 3) list at the corners of a grid of cells."""
    grid = colours[generator.integers(len(colours), size=(cells, cells))]
    small = PILImage.fromarray(grid.round().astype(np.uint8))
    return np.asarray(small.resize((size_px, size_px), PILImage.Resampling.BICUBIC), dtype=np.float32)


def blend(canvas: Plane, part: tuple[slice, slice], colour: Plane, alpha: Plane) -> None:
    """Blend a colour ((3,) or (h, w, 3)) into a part of an (S, S, 3) canvas with an (h, w) opacity, in place."""
    under = canvas[part]
    under += (colour - under) * alpha[..., None]
