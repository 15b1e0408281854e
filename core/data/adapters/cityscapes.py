"""Cityscapes fine annotations (STAL 2.1); label ids become train ids on reading. Free of torch.

```
leftImg8bit/SPLIT/CITY/CITY_SEQ_FRAME_leftImg8bit.png
gtFine/SPLIT/CITY/CITY_SEQ_FRAME_gtFine_labelIds.png      or _labelTrainIds.png, read unchanged
classes.json                                              optional: other classes than the 19, by train id
```

A split is the name of a folder, or of a list of train images: `lists/NAME.txt` beside the folders, or a built-in list
such as gtav-30.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.class_file import CLASS_FILE, read_class_file
from core.data.class_lists import category_table, street_table
from core.data.classes import CITYSCAPES_CLASSES, ClassTable
from core.data.decoding import read_label as read_index
from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import as_stored, composed
from core.data.label_ids import CITYSCAPES_LABELS, IdTable, remap
from core.data.pairing import Pair, require_root
from core.data.samples import LabelMap
from core.data.split_lists import named_lists, read_named_list, require_distinct
from core.data.train_ids import train_ids_fault

IMAGE_SUFFIX, LABEL_SUFFIX, TRAIN_ID_SUFFIX = "_leftImg8bit.png", "_gtFine_labelIds.png", "_gtFine_labelTrainIds.png"


def read_classes(root: Path) -> ClassTable:
    """Return the classes of `classes.json` if the root has one, else the 19 of Cityscapes.

    Raises:
        DataFaultError: when the root is missing or its `classes.json` is unusable.
    """
    require_root(root)
    return read_class_file(root) if (root / CLASS_FILE).exists() else CITYSCAPES_CLASSES


def read_label(path: Path) -> LabelMap:
    """Return the (H, W) train ids of a label file; raises DataFaultError when it is no 8-bit index image."""
    ids = read_index(path)
    return ids if path.name.endswith(TRAIN_ID_SUFFIX) else remap(ids, CITYSCAPES_LABELS)


def table_of(path: Path, name: str) -> IdTable:
    """Return the (256,) class, by a shared class list, of each id that a label file holds."""
    return category_table(name) if path.name.endswith(TRAIN_ID_SUFFIX) else street_table("cityscapes", name)


def doubt(pairs: Sequence[Pair]) -> DataFaultError | None:
    """Return a fault if the label ids of a split seem to be train ids."""
    return train_ids_fault([pair.label for pair in pairs if pair.label.name.endswith(LABEL_SUFFIX)])


def split_names(root: Path) -> list[str]:
    """Return the names of the folders of images, and of the lists of train images."""
    folders = (folder.name for folder in (root / "leftImg8bit").glob("*") if folder.is_dir())
    return [*sorted(folders), *named_lists("cityscapes", root)]


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split: a folder's images by city and name, or those of a list.

    Args:
        root: holds `leftImg8bit` and `gtFine`.
        split: folder (train, val), or a list of train images such as `gtav-30`.

    Raises:
        DataFaultError: when the root or the split is missing or empty.
    """
    require_root(root)
    folder = root / "leftImg8bit" / split
    if folder.is_dir():
        images = sorted(folder.glob(f"*/*{IMAGE_SUFFIX}"))
        if not images:
            raise DataFaultError(FaultKind.EMPTY, folder, f"holds no CITY/*{IMAGE_SUFFIX}; unpack the images here")
        return tuple(_pair(root, split, image.name.removesuffix(IMAGE_SUFFIX)) for image in images)
    lines, listed_in = read_named_list("cityscapes", root, split)
    pairs = tuple(_pair(root, "train", _plain_name(line)) for line in lines)
    require_distinct(pairs, listed_in)
    return pairs


def _pair(root: Path, split: str, name: str) -> Pair:
    name = composed(name)
    city = name.split("_", 1)[0]
    labels = root / "gtFine" / split / city
    label = as_stored(labels / f"{name}{LABEL_SUFFIX}", root)
    by_train_id = as_stored(labels / f"{name}{TRAIN_ID_SUFFIX}", root)
    if not label.exists() and by_train_id.exists():
        label = by_train_id
    return Pair(name, as_stored(root / "leftImg8bit" / split / city / f"{name}{IMAGE_SUFFIX}", root), label)


def _plain_name(line: str) -> str:
    """Return the id in a line of a list; the line is an id, or a path as in the reference's lists."""
    return line.split(maxsplit=1)[0].replace("\\", "/").rsplit("/", 1)[-1].removesuffix(IMAGE_SUFFIX)
