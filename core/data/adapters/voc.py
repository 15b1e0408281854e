"""PASCAL VOC 2012 with the augmented training set (EIR 2.1), and any dataset written in its layout. Free of torch.

```
VOC2012/JPEGImages/*.jpg
VOC2012/SegmentationClass/*.png
VOC2012/SegmentationClassAug/*.png
VOC2012/ImageSets/Segmentation/SPLIT.txt     lines: "ID", or "/JPEGImages/ID.jpg /SegmentationClassAug/ID.png"
classes.json                                 optional: other classes than VOC's
```
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from core.data.class_file import CLASS_FILE, read_class_file
from core.data.classes import VOC_CLASSES, ClassTable
from core.data.decoding import read_label as read_index
from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import as_stored, composed
from core.data.pairing import Pair, require_root
from core.data.samples import LabelMap
from core.data.split_lists import inside, listed_splits, read_split_list, require_distinct

YEAR_FOLDER = "VOC2012"
IMAGE_SUFFIX = ".jpg"


def read_classes(root: Path) -> ClassTable:
    """Return the classes of `classes.json` if the root has one, else VOC's twenty.

    Raises:
        DataFaultError: when the root is missing or its `classes.json` is unusable.
    """
    require_root(root)
    return read_class_file(root) if (root / CLASS_FILE).exists() else VOC_CLASSES


def read_label(path: Path) -> LabelMap:
    """Return the (H, W) raw ids of a label file; raises DataFaultError when it is no 8-bit index image."""
    return read_index(path)


def split_names(root: Path) -> list[str]:
    """Return the names of the lists of the segmentation task."""
    return listed_splits(_lists_folder(_year_folder(root)))


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split in the order of its list, without checking that the files exist.

    Args:
        root: the folder that holds `VOC2012`, or that folder itself.
        split: name of the list, such as train_aug or val.

    Raises:
        DataFaultError: when the root or the list is missing or empty, or a line of the list cannot be understood.
    """
    require_root(root)
    folder = _year_folder(root)
    listed_in = _lists_folder(folder) / f"{split}.txt"
    lines = tuple(read_split_list(listed_in, root))
    # Only names beyond ASCII are looked up on the disk, which may change, so only ASCII pairs are cached.
    is_plain = str(folder).isascii() and all(line.isascii() for line in lines)
    return _kept_pairs(folder, lines, listed_in) if is_plain else _pairs(folder, lines, listed_in)


def _pairs(folder: Path, lines: Sequence[str], listed_in: Path) -> tuple[Pair, ...]:
    pairs = tuple(_pair(folder, line, listed_in) for line in lines)
    require_distinct(pairs, listed_in)
    return pairs


# Every edit of a document checks the same list again; building thousands of paths takes most of that time.
_kept_pairs = lru_cache(maxsize=4)(_pairs)


def _year_folder(root: Path) -> Path:
    return root / YEAR_FOLDER if (root / YEAR_FOLDER).is_dir() else root


def _lists_folder(folder: Path) -> Path:
    return folder / "ImageSets" / "Segmentation"


def _pair(folder: Path, line: str, listed_in: Path) -> Pair:
    names = line.split()
    if len(names) == 1:
        name = line.removesuffix(IMAGE_SUFFIX)
        names = [f"JPEGImages/{name}{IMAGE_SUFFIX}", f"SegmentationClass/{name}.png"]
    if len(names) != 2:
        raise DataFaultError(FaultKind.BAD_LIST, listed_in, f"the line {line!r} is neither one id nor two paths")
    image, label = (as_stored(inside(folder, name, listed_in), folder) for name in names)
    return Pair(composed(image.stem), image, label)
