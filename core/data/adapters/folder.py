"""Any images with index PNGs and a class table. Free of torch.

```
images/ID.jpg|.jpeg|.png|.bmp|.tif|.tiff|.webp
labels/ID.png
SPLIT.txt        one ID a line; it may name sub-folders, as in city/0001
classes.json     {"classes": [name of raw id 0, 1, …], "ignore_id": 255, "background_id": 0}; background_id is optional
```
"""

from __future__ import annotations

from pathlib import Path

from core.data.class_file import read_class_file
from core.data.classes import ClassTable
from core.data.decoding import read_label as read_index
from core.data.pairing import Pair, inside, read_split_list, require_distinct, require_root
from core.data.samples import LabelMap

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")


def read_classes(root: Path) -> ClassTable:
    """Return the classes of `classes.json`.

    Raises:
        DataFaultError: when the root is missing or its `classes.json` is missing or unusable.
    """
    require_root(root)
    return read_class_file(root)


def read_label(path: Path) -> LabelMap:
    """Return the (H, W) raw ids of a label file; raises DataFaultError when it is no 8-bit index image."""
    return read_index(path)


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split in the order of its list; an image that is not there is given the first suffix.

    Raises:
        DataFaultError: when the root or the list is missing or empty, or a line leads out of the root.
    """
    require_root(root)
    listed_in = root / f"{split}.txt"
    images = root / "images"
    found = _images_by_id(images)
    pairs = []
    for name in read_split_list(listed_in):
        absent = inside(images, name + IMAGE_SUFFIXES[0], listed_in)
        pairs.append(Pair(name, found.get(name, absent), inside(root / "labels", f"{name}.png", listed_in)))
    require_distinct(pairs, listed_in)
    return tuple(pairs)


def _images_by_id(folder: Path) -> dict[str, Path]:
    # Reversed, so that of two files with one id the alphabetically first wins.
    files = sorted((path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES), reverse=True)
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in files}
