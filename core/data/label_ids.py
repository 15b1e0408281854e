"""Label ids of one naming mapped to another by a table. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.data.classes import (
    CITYSCAPES_TO_TRAIN,
    SYNTHIA_TO_TRAIN,
    TRAIN_TO_CONTIGUOUS_16,
    id_table,
)
from core.data.samples import LabelMap

IdTable = npt.NDArray[np.uint8]
"""(256,) new id of each 8-bit id."""


def lookup_table(mapping: Mapping[int, int]) -> IdTable:
    """Return the table of a mapping; ids that it does not name become 255."""
    return np.array(id_table(mapping), dtype=np.uint8)


def in_contiguous_16(to_train: Mapping[int, int]) -> dict[int, int]:
    """Return a mapping to train ids as one to the contiguous 16-class space; the other three classes are dropped."""
    return {
        raw_id: TRAIN_TO_CONTIGUOUS_16[train_id]
        for raw_id, train_id in to_train.items()
        if train_id in TRAIN_TO_CONTIGUOUS_16
    }


CITYSCAPES_19 = lookup_table(CITYSCAPES_TO_TRAIN)
CITYSCAPES_16 = lookup_table(in_contiguous_16(CITYSCAPES_TO_TRAIN))
SYNTHIA_19 = lookup_table(SYNTHIA_TO_TRAIN)
SYNTHIA_16 = lookup_table(in_contiguous_16(SYNTHIA_TO_TRAIN))


def remap(ids: npt.NDArray[np.integer], table: IdTable) -> LabelMap:
    """Return ids through a table; −1 is read as 255, and an id beyond 8 bits is ignored.

    Args:
        ids: (H, W) of any integer type.
        table: (256,).
    """
    if ids.dtype == np.uint8:
        return np.asarray(table[ids])
    return np.asarray(table[np.where((ids < 0) | (ids > 255), 255, ids).astype(np.uint8)])
