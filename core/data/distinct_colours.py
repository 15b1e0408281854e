"""Distinct colours for classes of datasets without a palette, visible on light and dark backgrounds."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Colour = tuple[int, int, int]

COUNT = 255
"""Number of 8-bit ids without the ignored one."""

_LEVELS = (0, 36, 73, 109, 146, 182, 219, 255)
_LIGHTNESS = (32.0, 86.0)
"""Range of CIELAB lightness that is visible on a black background and on a white page."""
_LEAST_CHROMA = 20.0
"""Lowest chroma; grey is for pixels without a class."""
_FIRST = (219, 36, 36)


def distinct_colour(index: int) -> Colour:
    """Return a colour for a class by its number, 0 to 254; each is as far as possible from the earlier ones."""
    red, green, blue = _colours()[index % COUNT]
    return (red, green, blue)


def lab(colours: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return colours of sRGB, (K, 3) in 0 to 255, in CIELAB (D65), where distance measures visible difference."""
    share = np.asarray(colours, dtype=np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])], axis=1)


@cache
def _colours() -> list[tuple[int, ...]]:
    grid = np.array(np.meshgrid(_LEVELS, _LEVELS, _LEVELS)).reshape(3, -1).T
    places = lab(grid)
    chroma = np.hypot(places[:, 1], places[:, 2])
    usable = (chroma >= _LEAST_CHROMA) & (places[:, 0] >= _LIGHTNESS[0]) & (places[:, 0] <= _LIGHTNESS[1])
    grid, places = grid[usable], places[usable]
    nearest = np.full(len(grid), np.inf)
    # Black, white and grey are taken: by the background, the page and pixels without a class.
    for taken in lab([(0, 0, 0), (255, 255, 255), (128, 128, 128)]):
        nearest = np.minimum(nearest, np.linalg.norm(places - taken, axis=1))
    chosen = int(np.flatnonzero((grid == _FIRST).all(axis=1))[0])
    colours: list[tuple[int, ...]] = []
    for _ in range(COUNT):
        colours.append(tuple(int(part) for part in grid[chosen]))
        nearest = np.minimum(nearest, np.linalg.norm(places - places[chosen], axis=1))
        nearest[chosen] = -1
        chosen = int(nearest.argmax())
    return colours
