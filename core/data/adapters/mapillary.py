"""Mapillary Vistas v1.2 (CoaST 2.3); label ids become train ids on reading. Free of torch.

```
SPLIT/images/ID.jpg
SPLIT/labels/ID.png             palette PNG of the 66 ids; v2.0 has them in SPLIT/v1.2/labels
```

A split is a folder (`train`, which the archives call `training`, or `validation`), or a list of train images,
`lists/NAME.txt`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.class_lists import street_table
from core.data.classes import CITYSCAPES_CLASSES, ClassTable
from core.data.decoding import read_label as read_index
from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import NamedFiles
from core.data.label_ids import IdTable, remap
from core.data.pairing import Pair, require_root
from core.data.samples import LabelMap
from core.data.split_lists import inside, named_lists, read_named_list, require_distinct
from core.data.train_ids import low_ids_fault

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
LABEL_SUFFIXES = (".png",)
ALSO_CALLED = {"train": "training", "val": "validation"}


def read_classes(root: Path) -> ClassTable:
    """Return the 19 classes of Cityscapes; raises DataFaultError when the root is missing."""
    require_root(root)
    return CITYSCAPES_CLASSES


def read_label(path: Path) -> LabelMap:
    """Return the (H, W) train ids of a palette PNG; raises DataFaultError when it is no 8-bit index image."""
    return remap(read_index(path), table_of(path, "19"))


def table_of(path: Path, name: str) -> IdTable:  # noqa: ARG001 - one table for all files
    """Return the (256,) class, by a shared class list, of each id that a label file holds."""
    return street_table("mapillary", name)


def doubt(pairs: Sequence[Pair]) -> DataFaultError | None:
    """Return a fault if the label ids of a split seem to be train ids."""
    return low_ids_fault([pair.label for pair in pairs], "the 66 ids of Mapillary Vistas v1.2")


def split_names(root: Path) -> list[str]:
    """Return the names of the folders that hold images, and of the lists of train images."""
    folders = (folder.parent.name for folder in root.glob("*/images") if folder.is_dir())
    return [*sorted(folders), *named_lists("mapillary", root)]


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split: a folder's images by name, or those of a list.

    Args:
        root: holds a folder for each split.
        split: folder (train, validation), or a list of train images.

    Raises:
        DataFaultError: when the root or the split is missing or empty, or two images have one id.
    """
    require_root(root)
    folder = _folder(root, split)
    if (folder / "images").is_dir():
        images = NamedFiles(folder / "images", IMAGE_SUFFIXES)
        if not images.ids:
            raise DataFaultError(FaultKind.EMPTY, folder / "images", "holds no *.jpg; unpack the images here")
        return _pairs(folder, images, images.ids, folder)
    lines, listed_in = read_named_list("mapillary", root, split)
    folder = _folder(root, "train")
    images = NamedFiles(folder / "images", IMAGE_SUFFIXES)
    pairs = _pairs(folder, images, [images.id_of(line) for line in lines], listed_in)
    require_distinct(pairs, listed_in)
    return pairs


def _folder(root: Path, split: str) -> Path:
    """Return the folder of a split; a split's folder may have either of two names."""
    folder, other = root / split, root / ALSO_CALLED.get(split, split)
    return other if not folder.is_dir() and other.is_dir() else folder


def _pairs(folder: Path, images: NamedFiles, ids: Sequence[str], listed_in: Path) -> tuple[Pair, ...]:
    of_second_release = folder / "v1.2" / "labels"
    labels = of_second_release if of_second_release.is_dir() else folder / "labels"
    label_files = NamedFiles(labels, LABEL_SUFFIXES)
    return tuple(
        Pair(
            name,
            images.path(name, inside(folder / "images", f"{name}{IMAGE_SUFFIXES[0]}", listed_in)),
            label_files.path(name, inside(labels, f"{name}{LABEL_SUFFIXES[0]}", listed_in)),
        )
        for name in ids
    )
