"""The open-set splits of GraspNet-1Billion (SemSeg 2.2, 2.3). Free of torch.

```
annotations/graspnet_os_train.json, graspnet_os_test_1.json … graspnet_os_test_6.json
images/000001.png …
```

Only the annotation files decide which images a split has. `python -m scripts.import_graspnet` numbers the images.
"""

from __future__ import annotations

from pathlib import Path

from core.data.adapters import coco
from core.data.classes import ClassTable
from core.data.pairing import Pair
from core.data.samples import Instances

PREFIX = "graspnet_os_"


def read_classes(root: Path) -> ClassTable:
    """Return the categories of the annotation files; raises DataFaultError as `coco.read_classes` does."""
    return coco.read_classes(root)


def read_label(path: Path) -> Instances:
    """Refuse, as `coco.read_label` does."""
    return coco.read_label(path)


def read_item(pair: Pair) -> Instances:
    """Return the objects of an image; raises DataFaultError as `coco.read_item` does."""
    return coco.read_item(pair)


def object_classes(pair: Pair) -> frozenset[int]:
    """Return the raw ids of an image's objects without crowds; raises DataFaultError as `coco.read_item` does."""
    return coco.object_classes(pair)


def split_names(root: Path) -> list[str]:
    """Return the splits that have an annotation file, such as train and test_1."""
    return [name.removeprefix(PREFIX) for name in coco.split_names(root)]


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the images of a split; raises DataFaultError as `coco.list_pairs` does."""
    return coco.list_pairs(root, f"{PREFIX}{split}")
