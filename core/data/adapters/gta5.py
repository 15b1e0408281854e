"""GTA5 (STAL 2.1): `images/00001.png …`, `labels/` of the same names with Cityscapes ids. Free of torch.

Lists may name images as the reference renames them, `gta5_00001_000019`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from core.data.class_lists import street_table
from core.data.classes import CITYSCAPES_CLASSES, ClassTable
from core.data.decoding import read_label as read_index
from core.data.faults import DataFaultError, FaultKind
from core.data.label_ids import CITYSCAPES_LABELS, IdTable, remap
from core.data.pairing import Pair, require_root
from core.data.samples import LabelMap
from core.data.split_lists import named_lists, read_named_list, require_distinct
from core.data.train_ids import train_ids_fault

ALL = "all"
"""The split of all images."""
_RENAMED = re.compile(r"(?:^|/)(?:gta5_)?(\d{5})(?:_000019)?(?:_leftImg8bit)?(?:\.png)?$")


def read_classes(root: Path) -> ClassTable:
    """Return the 19 classes of Cityscapes; raises DataFaultError when the root is missing."""
    require_root(root)
    return CITYSCAPES_CLASSES


def read_label(path: Path) -> LabelMap:
    """Return the (H, W) train ids of a palette PNG; raises DataFaultError when it is no 8-bit index image."""
    return remap(read_index(path), CITYSCAPES_LABELS)


def table_of(path: Path, name: str) -> IdTable:  # noqa: ARG001 - one table for all files
    """Return the (256,) class, by a shared class list, of each id that a label file holds."""
    return street_table("gta5", name)


def doubt(pairs: Sequence[Pair]) -> DataFaultError | None:
    """Return a fault if the labels of a split seem to hold train ids."""
    return train_ids_fault([pair.label for pair in pairs])


def split_names(root: Path) -> list[str]:
    """Return the name of the split of all images, and those of the lists."""
    return [ALL, *named_lists("gta5", root)]


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split: all images, or those of `lists/SPLIT.txt` or of the built-in stal-2000.

    Raises:
        DataFaultError: when the root or the list is missing or empty, or a line of the list cannot be understood.
    """
    require_root(root)
    if split == ALL:
        # Other layouts have a folder `images` too; only files with a number of five digits are GTA5's.
        names = [path.stem for path in sorted((root / "images").glob("[0-9][0-9][0-9][0-9][0-9].png"))]
        if not names:
            raise DataFaultError(FaultKind.EMPTY, root / "images", "holds no 00001.png …; unpack the images here")
    else:
        lines, listed_in = read_named_list("gta5", root, split)
        names = [_name(line, listed_in) for line in lines]
    pairs = tuple(Pair(name, root / "images" / f"{name}.png", root / "labels" / f"{name}.png") for name in names)
    require_distinct(pairs, root)
    return pairs


def _name(line: str, listed_in: Path) -> str:
    found = _RENAMED.search(line.split(maxsplit=1)[0])
    if found is None:
        raise DataFaultError(FaultKind.BAD_LIST, listed_in, f"the line {line!r} names no image such as 00001")
    return found[1]
