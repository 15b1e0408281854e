"""Mapping label ids by tables. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.data.classes import (
    CITYSCAPES_TO_TRAIN,
    SYNTHIA_TO_TRAIN,
    TRAIN_TO_CONTIGUOUS_16,
    UNMAPPED,
    id_table,
)
from core.data.samples import LabelMap

IdTable = npt.NDArray[np.uint8]
"""(256,) new id of each 8-bit id."""


def lookup_table(mapping: Mapping[int, int]) -> IdTable:
    """Return the table of a mapping; ids without an entry become 255."""
    return np.array(id_table(mapping), dtype=np.uint8)


def in_contiguous_16(to_train: Mapping[int, int]) -> dict[int, int]:
    """Turn a mapping to train ids into one to the contiguous 16-class space; the other three classes are dropped."""
    return {
        raw_id: TRAIN_TO_CONTIGUOUS_16[train_id]
        for raw_id, train_id in to_train.items()
        if train_id in TRAIN_TO_CONTIGUOUS_16
    }


def keep_undefined(table: IdTable, defined: int) -> IdTable:
    """Return a table that keeps the ids which the layout does not define, so that a check finds them.

    Args:
        table: (256,).
        defined: ids from here to 254 are undefined; none of them may be a new id.
    """
    kept = table.copy()
    kept[defined:UNMAPPED] = np.arange(defined, UNMAPPED, dtype=np.uint8)
    return kept


CITYSCAPES_19 = lookup_table(CITYSCAPES_TO_TRAIN)
CITYSCAPES_16 = lookup_table(in_contiguous_16(CITYSCAPES_TO_TRAIN))
SYNTHIA_19 = lookup_table(SYNTHIA_TO_TRAIN)
SYNTHIA_16 = lookup_table(in_contiguous_16(SYNTHIA_TO_TRAIN))
CITYSCAPES_LABELS = keep_undefined(CITYSCAPES_19, defined=35)
"""Table for label files of Cityscapes and GTA5."""
SYNTHIA_LABELS = keep_undefined(SYNTHIA_19, defined=23)
"""Table for label files of SYNTHIA."""


def remap(ids: npt.NDArray[np.integer], table: IdTable) -> LabelMap:
    """Return ids through a table; −1 is read as 255, and any id beyond 8 bits as 254, which no layout defines.

    Args:
        ids: (H, W) of any integer type.
        table: (256,).
    """
    if ids.dtype != np.uint8:
        ids = np.where(ids < 0, 255, np.where(ids > 255, 254, ids)).astype(np.uint8)
    # Three times as fast as indexing; with `bytes` instead of `bytearray` the result would be read-only.
    mapped = bytearray(np.ascontiguousarray(ids)).translate(table.tobytes())
    return np.frombuffer(mapped, dtype=np.uint8).reshape(ids.shape)
