"""IoU of found and true objects, computed once for all matchings (SemSeg 6.1). Free of torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from core.metrics.instances import IOU_THRESHOLDS, Found, Ints, Overlaps, Truths


def box_overlaps(truths: Truths, found: Found, true_boxes: Any, found_boxes: Any) -> Overlaps:
    """Return the overlapping pairs of (G, 4) and (D, 4) boxes x, y, width, height."""
    return _overlaps(truths, found, np.asarray(true_boxes, np.float64), np.asarray(found_boxes, np.float64))


def mask_overlaps(
    truths: Truths, found: Found, true_masks: Sequence[Mapping[str, Any]], found_masks: Sequence[Mapping[str, Any]]
) -> Overlaps:
    """Return the overlapping pairs of masks in COCO's compressed run lengths."""
    return _overlaps(truths, found, true_masks, found_masks)


def _overlaps(truths: Truths, found: Found, ours: Any, theirs: Any) -> Overlaps:
    pairs: list[tuple[Ints, Ints, Any]] = []
    by_image = _groups(truths.image)
    for image, rows in _groups(found.image).items():
        columns = by_image.get(image)
        if columns is None:
            continue
        crowd = truths.is_crowd[columns].astype(np.uint8).tolist()
        iou = coco_mask.iou(_take(theirs, rows), _take(ours, columns), crowd)
        one, other = np.nonzero(iou >= IOU_THRESHOLDS[0])
        pairs.append((rows[one], columns[other], iou[one, other]))
    if not pairs:
        none = np.zeros(0, np.int64)
        return Overlaps(none, none, np.zeros(0))
    first, second, values = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return Overlaps(first, second, values)


def _take(items: Any, rows: Ints) -> Any:
    return items[rows] if isinstance(items, np.ndarray) else [items[row] for row in rows]


def _groups(images: Ints) -> dict[int, Ints]:
    """Return image -> rows, in ascending order."""
    if not len(images):
        return {}
    order = np.argsort(images, kind="stable")
    names, starts = np.unique(images[order], return_index=True)
    return dict(zip(names.tolist(), np.split(order, starts[1:]), strict=True))
