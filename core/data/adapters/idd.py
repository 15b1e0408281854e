"""India Driving Dataset, segmentation (CoaST 2.3); label ids become train ids on reading. Free of torch.

```
leftImg8bit/SPLIT/SEQUENCE/FRAME_leftImg8bit.png          or .jpg
gtFine/SPLIT/SEQUENCE/FRAME_gtFine_labelids.png           the 40 ids, as written by the data set's own tools
```

Frames of different sequences share names, so an image's id is SEQUENCE/FRAME. A split is the name of a folder, or
of a list of train images, `lists/NAME.txt`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.class_lists import street_table
from core.data.classes import CITYSCAPES_CLASSES, ClassTable
from core.data.decoding import read_label as read_index
from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import as_stored, composed
from core.data.label_ids import IdTable, remap
from core.data.pairing import Pair, require_root
from core.data.samples import LabelMap
from core.data.split_lists import inside, named_lists, read_named_list, require_distinct
from core.data.train_ids import low_ids_fault

IMAGE_FOLDER, LABEL_FOLDER = "leftImg8bit", "gtFine"
IMAGE_SUFFIXES = ("_leftImg8bit.png", "_leftImg8bit.jpg")
LABEL_SUFFIX = "_gtFine_labelids.png"


def read_classes(root: Path) -> ClassTable:
    """Return the 19 classes of Cityscapes; raises DataFaultError when the root is missing."""
    require_root(root)
    return CITYSCAPES_CLASSES


def read_label(path: Path) -> LabelMap:
    """Return the (H, W) train ids of a label file; raises DataFaultError when it is no 8-bit index image."""
    return remap(read_index(path), table_of(path, "19"))


def table_of(path: Path, name: str) -> IdTable:  # noqa: ARG001 - one table for all files
    """Return the (256,) class, by a shared class list, of each id that a label file holds."""
    return street_table("idd", name)


def doubt(pairs: Sequence[Pair]) -> DataFaultError | None:
    """Return a fault if the label ids of a split seem to be train ids."""
    return low_ids_fault([pair.label for pair in pairs], "the 40 ids of IDD (`..._gtFine_labelids.png`)")


def split_names(root: Path) -> list[str]:
    """Return the names of the folders of images, and of the lists of train images."""
    folders = (folder.name for folder in (root / IMAGE_FOLDER).glob("*") if folder.is_dir())
    return [*sorted(folders), *named_lists("idd", root)]


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split: a folder's images by sequence and frame, or those of a list.

    Args:
        root: holds `leftImg8bit` and `gtFine`.
        split: folder (train, val), or a list of train images.

    Raises:
        DataFaultError: when the root or the split is missing or empty, or two images have one id.
    """
    require_root(root)
    folder = root / IMAGE_FOLDER / split
    if folder.is_dir():
        images = sorted(path for suffix in IMAGE_SUFFIXES for path in folder.rglob(f"*{suffix}"))
        if not images:
            problem = f"holds no SEQUENCE/*{IMAGE_SUFFIXES[0]}; unpack the images here"
            raise DataFaultError(FaultKind.EMPTY, folder, problem)
        pairs = tuple(_pair(root, split, image) for image in images)
        require_distinct(pairs, folder)
        return pairs
    lines, listed_in = read_named_list("idd", root, split)
    pairs = tuple(_pair(root, "train", _image(root, line, listed_in)) for line in lines)
    require_distinct(pairs, listed_in)
    return pairs


def _pair(root: Path, split: str, image: Path) -> Pair:
    name = composed(_plain(image.relative_to(root / IMAGE_FOLDER / split).as_posix()))
    return Pair(name, image, as_stored(root / LABEL_FOLDER / split / f"{name}{LABEL_SUFFIX}", root))


def _image(root: Path, line: str, listed_in: Path) -> Path:
    """Return the image of a line of a list; the line is an id, or a path relative to the root."""
    name = _plain(composed(line.split(maxsplit=1)[0].replace("\\", "/")).removeprefix(f"{IMAGE_FOLDER}/train/"))
    found = [
        as_stored(inside(root / IMAGE_FOLDER / "train", f"{name}{suffix}", listed_in), root)
        for suffix in IMAGE_SUFFIXES
    ]
    return next((path for path in found if path.exists()), found[0])


def _plain(name: str) -> str:
    return name.removesuffix(IMAGE_SUFFIXES[0]).removesuffix(IMAGE_SUFFIXES[1])
