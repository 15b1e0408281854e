"""Labels in the tree of Cityscapes, by the ids of Cityscapes where the classes are its own. Free of torch."""

from __future__ import annotations

import re

import numpy as np

from core.data.classes import CITYSCAPES_NAMES, CITYSCAPES_ROWS, IGNORE_INDEX, ClassTable
from core.data.label_ids import CITYSCAPES_LABELS, remap
from core.data.samples import LabelMap

SPLIT = "train"
UNLABELLED = 0
"""Id of Cityscapes of a pixel that belongs to nothing."""
KINDS = ("labelIds", "labelTrainIds", "color")
"""Files of one image, the most telling first."""
FILE_NAME = re.compile(r"(?P<stem>.+)_gtFine_(?P<kind>labelIds|labelTrainIds|color)\.png")


def is_cityscapes(classes: ClassTable) -> bool:
    """Return whether all classes are Cityscapes' own, by train id."""
    own = dict(enumerate(CITYSCAPES_NAMES))
    return all(own.get(raw_id) == name for raw_id, name in classes.names.items())


def label_ids(labels: LabelMap, classes: ClassTable) -> LabelMap:
    """Return what `_labelIds.png` holds: ids of Cityscapes, 0 for ignored; raw ids of other classes stay."""
    if not is_cityscapes(classes):
        return labels
    table = np.full(256, UNLABELLED, np.uint8)
    for train_id, row in enumerate(CITYSCAPES_ROWS):
        table[train_id] = row[1]
    table[classes.ignore_id] = UNLABELLED
    return remap(labels, table)


def train_ids(labels: LabelMap, classes: ClassTable) -> LabelMap:
    """Return what `_labelTrainIds.png` holds: train ids, 255 for ignored; raw ids of other classes stay."""
    if not is_cityscapes(classes) or classes.ignore_id == IGNORE_INDEX:
        return labels
    return np.where(labels == classes.ignore_id, IGNORE_INDEX, labels).astype(np.uint8)


def raw_ids(stored: LabelMap, kind: str, classes: ClassTable) -> LabelMap:
    """Return raw ids of an index file of this kind; an id that Cityscapes does not define stays, so that it is found.

    Args:
        stored: (H, W) the file.
        kind: `labelIds` or `labelTrainIds`.
        classes: of the round.
    """
    if not is_cityscapes(classes):
        return stored
    ids = remap(stored, CITYSCAPES_LABELS) if kind == "labelIds" else stored
    if classes.ignore_id == IGNORE_INDEX:
        return ids
    return np.where(ids == IGNORE_INDEX, classes.ignore_id, ids).astype(np.uint8)
