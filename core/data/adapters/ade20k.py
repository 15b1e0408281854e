"""ADE20K, the 150 classes of its scene parsing benchmark (EIR 2.2). Free of torch.

```
ADEChallengeData2016/images/{training,validation}/*.jpg
ADEChallengeData2016/annotations/{training,validation}/*.png     0 = no class, 1 to 150
```
"""

from __future__ import annotations

from pathlib import Path

from core.data.ade20k_classes import ADE20K_CLASSES
from core.data.classes import ClassTable
from core.data.decoding import read_label as read_index
from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import as_stored, composed
from core.data.pairing import Pair, require_root
from core.data.samples import LabelMap

BENCHMARK_FOLDER = "ADEChallengeData2016"
IMAGE_FOLDER, LABEL_FOLDER = "images", "annotations"
IMAGE_SUFFIX = ".jpg"


def read_classes(root: Path) -> ClassTable:
    """Return the 150 classes; raises DataFaultError when the root is missing."""
    require_root(root)
    return ADE20K_CLASSES


def read_label(path: Path) -> LabelMap:
    """Return the (H, W) raw ids of a label file; raises DataFaultError when it is no 8-bit index image."""
    return read_index(path)


def split_names(root: Path) -> list[str]:
    """Return the names of the folders of images."""
    return sorted(folder.name for folder in (_benchmark(root) / IMAGE_FOLDER).glob("*") if folder.is_dir())


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the pairs of a split in the order of their names, without checking that the labels exist.

    Args:
        root: the folder that holds `ADEChallengeData2016`, or that folder itself.
        split: folder of images: training or validation.

    Raises:
        DataFaultError: when the root or the split is missing or empty.
    """
    require_root(root)
    folder = _benchmark(root)
    images = folder / IMAGE_FOLDER / split
    if not images.is_dir():
        problem = f"there is no such folder of images; the splits here are {', '.join(split_names(root)) or 'none'}"
        raise DataFaultError(FaultKind.BAD_LIST, images, problem)
    found = sorted(images.glob(f"*{IMAGE_SUFFIX}"))
    if not found:
        raise DataFaultError(FaultKind.EMPTY, images, f"holds no *{IMAGE_SUFFIX}; unpack the images here")
    return tuple(_pair(folder, split, image) for image in found)


def _benchmark(root: Path) -> Path:
    return root / BENCHMARK_FOLDER if (root / BENCHMARK_FOLDER).is_dir() else root


def _pair(folder: Path, split: str, image: Path) -> Pair:
    name = composed(image.stem)
    return Pair(name, image, as_stored(folder / LABEL_FOLDER / split / f"{name}.png", folder))
