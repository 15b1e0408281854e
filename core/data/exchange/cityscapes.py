"""Labels in the folder tree of Cityscapes, with its ids if all classes are its own. Free of torch."""

from __future__ import annotations

import re

import numpy as np

from core.data.classes import CITYSCAPES_NAMES, CITYSCAPES_ROWS, IGNORE_INDEX, ClassTable
from core.data.label_ids import CITYSCAPES_LABELS, remap
from core.data.samples import LabelMap

SPLIT = "train"
UNLABELLED = 0
"""Cityscapes' id of a pixel without a label."""
KINDS = ("labelIds", "labelTrainIds", "color")
"""Kinds of file of one image, the most informative first."""
FILE_NAME = re.compile(r"(?P<stem>.+)_gtFine_(?P<kind>labelIds|labelTrainIds|color)\.png")


def is_cityscapes(classes: ClassTable) -> bool:
    """Return whether all classes are Cityscapes' own, by train id."""
    own = dict(enumerate(CITYSCAPES_NAMES))
    return all(own.get(raw_id) == name for raw_id, name in classes.names.items())


def label_ids(labels: LabelMap, classes: ClassTable) -> LabelMap:
    """Return the content of `_labelIds.png`: ids of Cityscapes, 0 for ignored; raw ids of other classes stay."""
    if not is_cityscapes(classes):
        return labels
    table = np.full(256, UNLABELLED, np.uint8)
    for train_id, row in enumerate(CITYSCAPES_ROWS):
        table[train_id] = row[1]
    table[classes.ignore_id] = UNLABELLED
    return remap(labels, table)


def train_ids(labels: LabelMap, classes: ClassTable) -> LabelMap:
    """Return the content of `_labelTrainIds.png`: train ids, 255 for ignored; raw ids of other classes stay."""
    if not is_cityscapes(classes) or classes.ignore_id == IGNORE_INDEX:
        return labels
    return np.where(labels == classes.ignore_id, IGNORE_INDEX, labels).astype(np.uint8)


def raw_ids(stored: LabelMap, kind: str, classes: ClassTable) -> LabelMap:
    """Return the raw ids of an index file of this kind; ids that Cityscapes does not define stay, for later checks.

    Args:
        stored: (H, W) ids of the file.
        kind: `labelIds` or `labelTrainIds`.
        classes: classes of the round.
    """
    if not is_cityscapes(classes):
        return stored
    ids = remap(stored, CITYSCAPES_LABELS) if kind == "labelIds" else stored
    if classes.ignore_id == IGNORE_INDEX:
        return ids
    return np.where(ids == IGNORE_INDEX, classes.ignore_id, ids).astype(np.uint8)
