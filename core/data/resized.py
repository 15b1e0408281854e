"""Images and labels resized to one size when they are read (STAL 2.2). Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from PIL import Image as PILImage

from core.data.classes import ClassTable
from core.data.samples import DenseDataset, Image, LabelMap

Resize = Literal["bilinear", "lanczos"]
"""Interpolation of colours; both antialias when an image gets smaller."""
_FILTERS: dict[Resize, PILImage.Resampling] = {
    "bilinear": PILImage.Resampling.BILINEAR,
    "lanczos": PILImage.Resampling.LANCZOS,
}


class ResizedDataset:
    """A `DenseDataset` whose items all have one size; labels take the nearest pixel, so that no new id appears.

    Args:
        dataset: the items at their own sizes.
        size: (width, height) in pixels.
        resize: interpolation of the images.
    """

    def __init__(self, dataset: DenseDataset, size: tuple[int, int], resize: Resize = "bilinear") -> None:
        self._dataset, self._size, self._filter = dataset, size, _FILTERS[resize]

    @property
    def ids(self) -> Sequence[str]:
        """Name of each item."""
        return self._dataset.ids

    @property
    def classes(self) -> ClassTable:
        """Meaning of the raw label values."""
        return self._dataset.classes

    def __len__(self) -> int:
        return len(self._dataset)

    def image(self, index: int) -> Image:
        """Return the (height, width, 3) image; raises as the dataset does."""
        image = self._dataset.image(index)
        return np.asarray(PILImage.fromarray(image).resize(self._size, self._filter))

    def label(self, index: int) -> LabelMap:
        """Return the (height, width) raw ids; raises as the dataset does."""
        label = self._dataset.label(index)
        return np.asarray(PILImage.fromarray(label).resize(self._size, PILImage.Resampling.NEAREST))
