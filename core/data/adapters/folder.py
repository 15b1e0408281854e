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
from core.data.file_names import NamedFiles
from core.data.pairing import Pair, require_root
from core.data.samples import LabelMap
from core.data.split_lists import inside, listed_splits, read_split_list, require_distinct

LABEL_SUFFIXES = (".png",)
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


def split_names(root: Path) -> list[str]:
    """Return the names of the lists in a root."""
    return listed_splits(root)


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split in the order of its list; a missing image gets the first suffix.

    Raises:
        DataFaultError: when the root or the list is missing or empty, or a line leads out of the root.
    """
    require_root(root)
    listed_in = root / f"{split}.txt"
    images, labels = NamedFiles(root / "images", IMAGE_SUFFIXES), NamedFiles(root / "labels", LABEL_SUFFIXES)
    pairs = []
    for line in read_split_list(listed_in, root):
        name = images.id_of(line)
        image = inside(root / "images", name + IMAGE_SUFFIXES[0], listed_in)
        label = inside(root / "labels", name + LABEL_SUFFIXES[0], listed_in)
        pairs.append(Pair(name, images.path(name, image), labels.path(name, label)))
    require_distinct(pairs, listed_in)
    return tuple(pairs)
