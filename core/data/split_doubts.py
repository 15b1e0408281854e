"""Findings that need all labels of a split, such as classes without a pixel. Free of torch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from core.data.class_file import UNUSED
from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.faults import DataFaultError, FaultKind
from core.data.truths import PixelCounts

NAMED_CLASSES = 20
"""Maximum number of classes that one message names."""


def absent_classes(pixels: PixelCounts, classes: ClassTable, wanted: Collection[int] | None = None) -> list[int]:
    """Return the classes without a pixel, ascending.

    Args:
        pixels: (N, 256) pixels of each raw id in each image.
        classes: classes of the dataset.
        wanted: raw ids to check; None checks every class that is used.
    """
    asked = wanted if wanted is not None else [raw for raw, name in classes.names.items() if name != UNUSED]
    total = pixels.sum(axis=0, dtype=np.int64)
    return sorted(raw_id for raw_id in asked if total[raw_id] == 0)


def named_classes(raw_ids: Sequence[int], classes: ClassTable) -> str:
    """Return classes for a message: id and name of the first, and how many more there are."""
    named = ", ".join(f"{raw_id} {classes.names.get(raw_id, '')!r}" for raw_id in raw_ids[:NAMED_CLASSES])
    return named + (f" and {len(raw_ids) - NAMED_CLASSES} more" if len(raw_ids) > NAMED_CLASSES else "")


def absence_notice(folder: Path, split: str, pixels: PixelCounts, classes: ClassTable) -> DataFaultError | None:
    """Return a notice if some classes of a split have no pixel."""
    absent = absent_classes(pixels, classes)
    if not absent:
        return None
    number = "1 class has" if len(absent) == 1 else f"{len(absent)} of {len(classes.names)} classes have"
    problem = (
        f"in split {split!r} {number} no pixel: {named_classes(absent, classes)}; they cannot be learned from it, and "
        "a test on it leaves their scores undefined"
    )
    return DataFaultError(FaultKind.NO_PIXEL, folder, problem)


def binary_mask_fault(folder: Path, split: str, pixels: PixelCounts, classes: ClassTable) -> DataFaultError | None:
    """Return a fault if every label has only 0 and 255, as tools for masks write them, while 255 is ignored."""
    held = np.flatnonzero(pixels.any(axis=0)).tolist()
    others = [raw_id for raw_id in classes.names if raw_id != 0]
    if (
        classes.ignore_id != IGNORE_INDEX
        or not others
        or IGNORE_INDEX not in held
        or not set(held) <= {0, IGNORE_INDEX}
    ):
        return None
    problem = (
        f"the labels of split {split!r} hold 0 and 255 alone, and 255 is the ignore id: is this a 0/255 mask? Then "
        f"write the id of the class in place of 255, such as {others[0]} for {classes.names[others[0]]!r}"
    )
    return DataFaultError(FaultKind.BINARY_MASK, folder, problem)


def same_split_notice(folder: Path, split: str) -> DataFaultError:
    """Return the notice for a data set whose training split is also its test split."""
    problem = f"the split {split!r} is both learned from and tested on; scores would count pictures that were learned"
    return DataFaultError(FaultKind.DUPLICATE, folder, problem)
