"""Where an image lies in the encoder's square view, and its masks back on the image. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from core.data.samples import Mask

Placing = Literal["padded", "stretched"]
"""`padded` keeps the aspect ratio and pads right and below, as published SAM; `stretched` fills the square, as the
tests of runs on domains do (CoSAM 3.4)."""


class _Samples(NamedTuple):
    """Between which two cells of a mask the pixels of one axis lie, and how near to the second."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]


@dataclass(frozen=True)
class ImageFit:
    """An image in the upper left corner of a square view.

    Attributes:
        height, width: of the image.
        side: S of the view.
        rows, columns: pixels of the view that the image covers.
    """

    height: int
    width: int
    side: int
    rows: int
    columns: int

    def to_view(self, points: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Return the centres of the image's pixels in pixels of the view.

        Args:
            points: (..., 2) x and y of pixels, from 0.

        Returns:
            (..., 2) x and y; a centre is a whole number there too.
        """
        scale = np.array([self.columns / self.width, self.rows / self.height])
        view: npt.NDArray[np.float32] = ((np.asarray(points, np.float64) + 0.5) * scale - 0.5).astype(np.float32)
        return view

    def mask_on_image(self, logits: npt.NDArray[np.float32]) -> Mask:
        """Return a mask at the image's size: foreground where the bilinear logit is above 0.

        Args:
            logits: (m, m) over the whole view.
        """
        cells = len(logits)
        down = _samples(self.height, self.rows / self.side * cells, cells)
        across = _samples(self.width, self.columns / self.side * cells, cells)
        lines = _mixed(logits[down.first], logits[down.second], down.weight[:, None])  # (H, m)
        mask: Mask = _mixed(lines[:, across.first], lines[:, across.second], across.weight) > 0  # (H, W)
        return mask


def fit_image(height: int, width: int, side: int, placing: Placing) -> ImageFit:
    """Return how an image lies in a view of `side`² pixels; at least one row and one column."""
    if placing == "stretched":
        return ImageFit(height, width, side, side, side)
    scale = side / max(height, width)
    rows, columns = (max(1, int(length * scale + 0.5)) for length in (height, width))
    return ImageFit(height, width, side, rows, columns)


def _samples(length: int, covered: float, cells: int) -> _Samples:
    """Return where the `length` pixels lie that cover the first `covered` of a number of cells."""
    places = ((np.arange(length) + 0.5) * (covered / length) - 0.5).clip(0, cells - 1)
    first = places.astype(np.int64)
    return _Samples(first, np.minimum(first + 1, cells - 1), (places - first).astype(np.float32))


def _mixed(
    first: npt.NDArray[np.float32], second: npt.NDArray[np.float32], weight: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    mixed: npt.NDArray[np.float32] = first + (second - first) * weight
    return mixed
