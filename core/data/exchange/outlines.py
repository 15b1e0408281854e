"""Outlines as other tools write them: x and y in turn, sometimes slightly outside the image. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.data.exchange.faults import ExchangeFault

LEAST_VERTICES = 3
MAX_VERTICES = 100_000
MAX_OUTLINE_PX = 1_000_000
"""Maximum total length of an annotation's outlines; drawing takes about 80 bytes per pixel of length."""
FARTHEST = 1e6
LEAST_MARGIN_PX = 5.0
MARGIN_SHARE = 0.1
"""An outline that leaves the image by at most this share of a side, or by `LEAST_MARGIN_PX`, is cut. An outline that
goes further belongs to another image, or to another size of it."""
_ROUNDING_PX = 1.0
"""Coordinates outside by at most this count as rounding errors; nothing is cut."""

Outline = npt.NDArray[np.float64]
"""(N, 2) x and y of each vertex."""


def vertices_of(polygon: object) -> Outline:
    """Return the vertices of a polygon: a list of x and y in turn, as numbers or as text.

    Raises:
        ExchangeFault: when it is no such list, or a coordinate is not possible in any image.
    """
    if not isinstance(polygon, list) or len(polygon) % 2:
        raise ExchangeFault("bad_polygon", "a polygon is a list of x and y in turn")
    if len(polygon) > 2 * MAX_VERTICES:
        raise _too_many(len(polygon) // 2)
    return np.array([_coordinate(value) for value in polygon], np.float64).reshape(-1, 2)


def clipped(outline: Outline, size: tuple[int, int]) -> Outline:
    """Return the part of an outline inside an image; the same object if nothing is cut.

    Args:
        outline: outline with at least three vertices.
        size: width and height of the image.

    Raises:
        ExchangeFault: when the outline goes further outside than `MARGIN_SHARE` allows.
    """
    sides = np.array(size, np.float64)
    beyond = np.maximum(-outline, outline - sides)
    if beyond.max() <= _ROUNDING_PX:
        return outline
    too_far = beyond > np.maximum(LEAST_MARGIN_PX, MARGIN_SHARE * sides)
    if too_far.any():
        x, y = outline[too_far.any(axis=1)][0]
        raise ExchangeFault("outside_image", f"a polygon leaves the image of {size[0]}x{size[1]} at x {x:g}, y {y:g}")
    for axis in (0, 1):
        outline = _cut(outline, axis, 0.0, 1.0)
        outline = _cut(outline, axis, sides[axis], -1.0)
    return outline


def require_drawable(outlines: Sequence[Outline]) -> None:
    """Refuse outlines of one annotation that would take too much memory or time to draw; raises ExchangeFault."""
    vertices = sum(len(outline) for outline in outlines)
    if vertices > MAX_VERTICES:
        raise _too_many(vertices)
    length = sum(float(np.abs(outline - np.roll(outline, 1, axis=0)).max(axis=1).sum()) for outline in outlines)
    if length > MAX_OUTLINE_PX:
        raise ExchangeFault("outline_too_long", f"the outlines are {length:.0f} px long; at most {MAX_OUTLINE_PX}")


def _coordinate(value: object) -> float:
    number = _number(value) if isinstance(value, str) else value
    # Compared without conversion to float: JSON may have integers that no float can hold.
    if isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < FARTHEST:
        return float(number)
    raise ExchangeFault("bad_polygon", f"a polygon has the vertex {str(value)[:40]!r}, which is no place in an image")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _cut(outline: Outline, axis: int, border: float, sign: float) -> Outline:
    """Cut an outline along a line that is parallel to an axis (Sutherland and Hodgman, CACM 1974).

    Args:
        outline: (N, 2).
        axis: index of the coordinate to compare.
        border: coordinate of the line.
        sign: 1 keeps the part above the border, -1 the part below.
    """
    if len(outline) == 0:
        return outline
    depth = sign * (outline[:, axis] - border)
    before, depth_before = np.roll(outline, 1, axis=0), np.roll(depth, 1)
    is_in, crosses = depth >= 0, (depth >= 0) != (depth_before >= 0)
    span = np.where(crosses, depth_before - depth, 1.0)
    entry = before + (outline - before) * (depth_before / span)[:, None]
    # Each edge has two candidate points: its crossing of the border, then its end. Invalid ones are dropped.
    points = np.stack([entry, outline], axis=1).reshape(-1, 2)
    kept: Outline = points[np.stack([crosses, is_in], axis=1).ravel()]
    return kept


def _too_many(vertices: int) -> ExchangeFault:
    return ExchangeFault("too_many_vertices", f"the polygons have {vertices} vertices; at most {MAX_VERTICES}")
