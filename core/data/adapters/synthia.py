"""SYNTHIA-RAND-CITYSCAPES (STAL 2.1): `RGB/0000000.png …`, `LABELS/` or `GT/LABELS/`. Free of torch.

A label file has 16-bit channels: the first is the class id, another the instance. Its ids become Cityscapes train ids
on reading, so that source and target have the same id for a class.
"""

from __future__ import annotations

import re
from pathlib import Path

from core.data.classes import SYNTHIA_CLASSES, ClassTable
from core.data.decoding import read_wide_label
from core.data.faults import DataFaultError, FaultKind
from core.data.label_ids import SYNTHIA_LABELS, remap
from core.data.pairing import Pair, require_root
from core.data.samples import LabelMap
from core.data.split_lists import named_lists, read_named_list, require_distinct

ALL = "all"
"""The split of all images."""
_RENAMED = re.compile(r"(?:^|/)(?:synthia_)?(\d{7})(?:_000019)?(?:_leftImg8bit)?(?:\.png)?$")


def read_classes(root: Path) -> ClassTable:
    """Return the 16 classes that SYNTHIA shares with Cityscapes, by train id; raises when the root is missing."""
    require_root(root)
    return SYNTHIA_CLASSES


def read_label(path: Path) -> LabelMap:
    """Return the (H, W) train ids of the first channel; raises DataFaultError when the file cannot be read."""
    return remap(read_wide_label(path), SYNTHIA_LABELS)


def split_names(root: Path) -> list[str]:
    """Return the name of the split of all images, and those of the lists."""
    return [ALL, *named_lists("synthia", root)]


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split: all images, or those of `lists/SPLIT.txt` or of the built-in stal-2000.

    Raises:
        DataFaultError: when the root or the list is missing or empty, or a line of the list cannot be understood.
    """
    require_root(root)
    if split == ALL:
        names = [path.stem for path in sorted((root / "RGB").glob("*.png"))]
        if not names:
            raise DataFaultError(FaultKind.EMPTY, root / "RGB", "holds no *.png; unpack the images here")
    else:
        lines, listed_in = read_named_list("synthia", root, split)
        names = [_name(line, listed_in) for line in lines]
    labels = root / "GT" / "LABELS" if (root / "GT" / "LABELS").is_dir() else root / "LABELS"
    pairs = tuple(Pair(name, root / "RGB" / f"{name}.png", labels / f"{name}.png") for name in names)
    require_distinct(pairs, root)
    return pairs


def _name(line: str, listed_in: Path) -> str:
    found = _RENAMED.search(line.split(maxsplit=1)[0])
    if found is None:
        raise DataFaultError(FaultKind.BAD_LIST, listed_in, f"the line {line!r} names no image such as 0000001")
    return found[1]
