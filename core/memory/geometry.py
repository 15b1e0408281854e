"""Shape of the objects in a label map: areas, connected components, boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from core.data.samples import LabelMap

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in pixels; x1 and y1 are exclusive."""


@dataclass(frozen=True)
class ClassGeometry:
    """Areas, components and boxes of K classes in a label map.

    Attributes:
        areas: (K,) pixels.
        components: (K,) connected components under 4-connectivity: touching corners do not connect.
        boxes: (K, 4) x0, y0, x1, y1 (exclusive) of the component whose box is the largest, the first in scan order on
            ties; −1 where the class is absent.
        extents: (K, 4) likewise, the box of all pixels of the class.
    """

    areas: npt.NDArray[np.int64]
    components: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.int64]
    extents: npt.NDArray[np.int64]

    def near_border(self, labels: LabelMap, margin_px: int) -> npt.NDArray[np.bool_]:
        """Return (K,) whether any pixel of the class is within `margin_px` of the border; False where it is absent."""
        height, width = labels.shape
        x0, y0, x1, y1 = self.extents.T
        is_near: npt.NDArray[np.bool_] = (x0 < margin_px) | (y0 < margin_px)
        is_near |= (x1 > width - margin_px) | (y1 > height - margin_px)
        return is_near & (self.areas > 0)


def measure_classes(labels: LabelMap, classes: Sequence[int]) -> ClassGeometry:
    """Measure the pixels of each class.

    Args:
        labels: (H, W) uint8 raw class ids.
        classes: K distinct ids, each in [0, 254]; other ids in the map are background.

    Returns:
        Areas, components and boxes in the order of `classes`.
    """
    table = np.zeros(256, np.uint8)
    table[list(classes)] = np.arange(1, len(classes) + 1)
    indexed = table[labels]  # (H, W) 1 + position in `classes`
    areas = np.bincount(indexed.ravel(), minlength=len(classes) + 1)[1:]
    components = np.zeros(len(classes), np.int64)
    boxes = np.full((len(classes), 4), -1, np.int64)
    extents = boxes.copy()
    regions = ndimage.find_objects(indexed, max_label=len(classes))
    for position, region in enumerate(regions):
        if region is not None:
            components[position], boxes[position] = _largest_component(indexed, region, position + 1)
            rows, columns = region
            extents[position] = columns.start, rows.start, columns.stop, rows.stop
    return ClassGeometry(areas, components, boxes, extents)


def without_specks(labels: LabelMap, classes: Sequence[int], speck_px: int, ignore_id: int) -> LabelMap:
    """Return the label map with every component of these classes that is smaller than `speck_px` ignored.

    Args:
        labels: (H, W) uint8 raw class ids.
        classes: ids whose components are checked (4-connectivity); other ids stay.
        speck_px: smallest component to keep, in pixels; 0 and 1 change nothing.
        ignore_id: new id of the pixels of specks.
    """
    if speck_px <= 1:
        return labels
    cleaned = labels.copy()
    for class_id in classes:
        numbered, count = ndimage.label(labels == class_id)
        if count:
            is_speck = np.bincount(numbered.ravel()) < speck_px
            is_speck[0] = False
            cleaned[is_speck[numbered]] = ignore_id
    return cleaned


def _largest_component(indexed: LabelMap, region: tuple[slice, slice], value: int) -> tuple[int, Box]:
    rows, columns = region
    numbered, count = ndimage.label(indexed[region] == value)
    found = ndimage.find_objects(numbered)
    box_areas = [(y.stop - y.start) * (x.stop - x.start) for y, x in found]
    y, x = found[int(np.argmax(box_areas))]
    box = (columns.start + x.start, rows.start + y.start, columns.start + x.stop, rows.start + y.stop)
    return count, box


def bounding_box(mask: npt.NDArray[np.bool_]) -> Box | None:
    """Return the box of the True pixels of (H, W), or None where there is none."""
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
