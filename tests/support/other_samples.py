"""Adapters of samples that are no label maps, small: they live in tests alone, and show that a row is enough.

`images/ID.png` beside `masks/ID.png` (0 or 255), or beside `objects/ID.json`: a list of class, box and crowd flag.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.catalog import ADAPTERS, AdapterEntry
from core.data.classes import ClassTable
from core.data.pairing import Pair
from core.data.samples import Instances, Mask, SampleKind

SIZE = (24, 16)
MASKED = ClassTable(names={1: "foreground"}, background_id=0)
OBJECTS = ClassTable(names={3: "cup", 7: "spoon"}, background_id=None)


def read_mask(path: Path) -> Mask:
    """Return the foreground of a mask file."""
    return np.asarray(PILImage.open(path)) > 127


def read_objects(path: Path) -> Instances:
    """Return the objects of a file."""
    width, height = SIZE
    found = json.loads(path.read_text())
    masks = np.zeros((len(found), height, width), np.bool_)
    for mask, (_, (x0, y0, x1, y1), _) in zip(masks, found, strict=True):
        mask[y0:y1, x0:x1] = True
    return Instances(
        size=SIZE,
        boxes=np.array([box for _, box, _ in found], np.float64).reshape(-1, 4),
        masks=masks,
        classes=np.array([class_id for class_id, _, _ in found], np.int64),
        is_crowd=np.array([crowd for _, _, crowd in found], np.bool_),
    )


def add_adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the rows `toy-masks` and `toy-objects` for one test."""
    for name, folder, suffix, kind in (
        ("toy-masks", "masks", "png", SampleKind.BINARY),
        ("toy-objects", "objects", "json", SampleKind.INSTANCES),
    ):
        module = ModuleType(f"tests_{folder}")
        module.__dict__["read_classes"] = lambda _root, kind=kind: MASKED if kind is SampleKind.BINARY else OBJECTS
        module.__dict__["list_pairs"] = lambda root, split, folder=folder, suffix=suffix: [
            Pair(path.stem, path, root / folder / f"{path.stem}.{suffix}")
            for path in sorted((root / "images").glob(f"{split}_*.png"))
        ]
        module.__dict__["read_label"] = read_mask if kind is SampleKind.BINARY else read_objects
        monkeypatch.setitem(sys.modules, module.__name__, module)
        entry = AdapterEntry(name, module.__name__, train_split="train", eval_split="val", samples=kind)
        monkeypatch.setitem(ADAPTERS, name, entry)


def write_masks(root: Path) -> None:
    """Write two training images and one test image, each with a block of foreground."""
    for number, name in enumerate(("train_0", "train_1", "val_0")):
        _write_image(root, name)
        mask = np.zeros(SIZE[::-1], np.uint8)
        mask[2 : 4 + number, 1:5] = 255
        (root / "masks").mkdir(exist_ok=True)
        PILImage.fromarray(mask).save(root / "masks" / f"{name}.png")


def write_objects(root: Path) -> None:
    """Write two training images, of which one shows nothing, and a test image with a crowd."""
    objects = {
        "train_0": [(3, (0, 0, 8, 8), False), (7, (2, 2, 4, 4), False)],
        "train_1": [],
        "val_0": [(7, (0, 0, 3, 3), True)],
    }
    (root / "objects").mkdir(parents=True)
    for name, found in objects.items():
        _write_image(root, name)
        (root / "objects" / f"{name}.json").write_text(json.dumps(found))


def _write_image(root: Path, name: str) -> None:
    (root / "images").mkdir(parents=True, exist_ok=True)
    PILImage.new("RGB", SIZE, (90, 120, 30)).save(root / "images" / f"{name}.png")
