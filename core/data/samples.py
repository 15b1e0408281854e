"""The samples of a dataset adapter: images, and the truth of each. Free of torch.

There are several kinds of sample; an adapter's row in `core.data.catalog` names its kind. `core.data.truths` has the
functions that scans, checks and pages call for a truth of any kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.data.classes import ClassTable

Image = npt.NDArray[np.uint8]
"""(H, W, 3) RGB."""
LabelMap = npt.NDArray[np.uint8]
"""(H, W) raw class ids; `ClassTable.ignore_id` where unlabelled."""
Mask = npt.NDArray[np.bool_]
"""(H, W) whether a pixel is foreground."""


class SampleKind(StrEnum):
    """What is known of an image."""

    DENSE = "dense"
    """A class for every pixel."""
    BINARY = "binary"
    """Foreground and background; the foreground is raw id 1 of the class table."""
    INSTANCES = "instances"
    """Objects, which may overlap."""


Outlines = tuple[npt.NDArray[np.float64], ...]
"""Polygons of one object, each with x and y in turn, in pixels."""


@dataclass(frozen=True)
class Instances:
    """The objects of one image.

    Attributes:
        size: (width, height) of the image.
        boxes: (N, 4) float64 x0, y0, x1, y1 in pixels; x1 and y1 are exclusive.
        masks: (N, H, W) booleans.
        classes: (N,) int64 raw class ids, each in [0, 254].
        is_crowd: (N,) booleans: whether an entry is a group whose objects are not labelled singly.
        stated_areas: (N,) areas in pixels from the file; None if it has none.
        outlines: polygons of each object, None for an object without polygons in the file; None if no object has
            polygons.
    """

    size: tuple[int, int]
    boxes: npt.NDArray[np.float64]
    masks: npt.NDArray[np.bool_]
    classes: npt.NDArray[np.int64]
    is_crowd: npt.NDArray[np.bool_]
    stated_areas: npt.NDArray[np.float64] | None = None
    outlines: tuple[Outlines | None, ...] | None = None

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def areas(self) -> npt.NDArray[np.int64]:
        """(N,) pixels of each object."""
        areas: npt.NDArray[np.int64] = self.masks.sum(axis=(1, 2), dtype=np.int64)
        return areas


Truth = LabelMap | Mask | Instances
"""The ground truth of one image, of the kind that its adapter declares."""


class ImageDataset(Protocol):
    """Images with stable names. Reading an item is a pure function of its index."""

    @property
    def ids(self) -> Sequence[str]:
        """Stable name of each item, unique in the dataset."""

    @property
    def classes(self) -> ClassTable:
        """Names, colours and special ids of the raw label values."""

    def __len__(self) -> int: ...

    def image(self, index: int) -> Image:
        """Return the image; raises DataError naming the file when it cannot be read."""


class DenseDataset(ImageDataset, Protocol):
    """Images with one raw class id per pixel."""

    def label(self, index: int) -> LabelMap:
        """Return the label map at the image's size; raises DataError naming the file and the fault."""


class BinaryDataset(ImageDataset, Protocol):
    """Images with a foreground."""

    def mask(self, index: int) -> Mask:
        """Return the foreground at the image's size; raises DataError naming the file and the fault."""


class InstanceDataset(ImageDataset, Protocol):
    """Images with objects."""

    def instances(self, index: int) -> Instances:
        """Return the objects of an image, perhaps none; raises DataError naming the file and the fault."""
