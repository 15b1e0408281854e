"""Functions on an image's truth of any kind, for scans, checks and pages. Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.classes import IGNORE_INDEX
from core.data.samples import Instances, LabelMap, Mask, SampleKind

PixelCounts = npt.NDArray[np.uint32]
FOREGROUND = 1
"""Raw id of the foreground of a binary mask; 0 is its background."""


@dataclass(frozen=True)
class TruthView:
    """The functions for truths of one kind.

    Attributes:
        title: name of the kind, such as "label maps".
        size: truth -> (width, height).
        count: truth -> (256,) pixels of each raw id; overlapping objects each count.
        draw: truth -> (H, W) raw ids for people to look at.
    """

    title: str
    size: Callable[[Any], tuple[int, int]]
    count: Callable[[Any], PixelCounts]
    draw: Callable[[Any], LabelMap]


def count_pixels(label: LabelMap) -> PixelCounts:
    """Return the (256,) number of pixels of each raw id in an (H, W) label map."""
    return np.bincount(label.ravel(), minlength=256).astype(np.uint32)


def _map_size(pixels: LabelMap | Mask) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _mask_ids(mask: Mask) -> LabelMap:
    return mask.astype(np.uint8) * FOREGROUND


def _count_instances(objects: Instances) -> PixelCounts:
    return np.bincount(objects.classes, weights=objects.areas, minlength=256).astype(np.uint32)


def _draw_instances(objects: Instances) -> LabelMap:
    """Paint the objects, large ones first, so that small ones stay visible."""
    width, height = objects.size
    ids = np.full((height, width), IGNORE_INDEX, np.uint8)
    for index in np.argsort(-objects.areas, kind="stable"):
        ids[objects.masks[index]] = objects.classes[index]
    return ids


VIEWS: Mapping[SampleKind, TruthView] = {
    SampleKind.DENSE: TruthView("label maps", _map_size, count_pixels, lambda label: label),
    SampleKind.BINARY: TruthView("binary masks", _map_size, lambda mask: count_pixels(_mask_ids(mask)), _mask_ids),
    SampleKind.INSTANCES: TruthView("instances", lambda objects: objects.size, _count_instances, _draw_instances),
}
"""Kind of sample -> the functions for its truths."""
