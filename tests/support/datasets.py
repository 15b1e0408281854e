"""Tiny datasets on disk whose content is known to the pixel, and ways to damage them.

A picture of the contents (3, 5) shows class 3 as a block in its first quarter and class 5 in its second; all else is
background, or the class `floor` where the dataset has none. Every block has `BLOCK_PIXELS` pixels.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

from core.data.catalog import ADAPTERS
from core.data.classes import voc_colour
from core.data.pairing import Pair
from core.data.specs import FolderDatasetSpec

SIZE_PX = 32
BLOCK_PX = 10
BLOCK_PIXELS = BLOCK_PX**2
QUARTERS = ((3, 3), (3, 19), (19, 3), (19, 19))

Contents = Sequence[Sequence[int]]
"""For each picture the classes that it shows, at most four."""

SIX_CLASSES: Contents = ((1,), (2,), (1, 2), (1, 3), (3,), (4,), (3, 4), (2, 4), (5,), (6,), (5, 6), (1, 5), (4, 6))
"""Thirteen pictures of six classes; 1, 2 are in 6 of them, 3, 4 in 6, 5, 6 in 5."""
SIX_CLASSES_EVAL: Contents = ((1,), (2,), (3,), (4,), (5,), (6,))


def draw_picture(
    shown: Sequence[int], seed: int = 0, floor: int = 0, size_px: int = SIZE_PX
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return a (S, S, 3) image and its (S, S) label map."""
    label = np.full((size_px, size_px), floor, dtype=np.uint8)
    for class_id, (top, left) in zip(shown, QUARTERS, strict=False):
        label[top : top + BLOCK_PX, left : left + BLOCK_PX] = class_id
    colours = np.array([voc_colour(raw_id + 1) for raw_id in range(256)], dtype=np.int64)
    noise = np.random.default_rng(seed).integers(-20, 21, size=(size_px, size_px, 3))
    return np.clip(colours[label] + noise, 0, 255).astype(np.uint8), label


def write_voc_dataset(
    root: Path, train: Contents = SIX_CLASSES, evaluation: Contents = SIX_CLASSES_EVAL
) -> FolderDatasetSpec:
    """Write a dataset in the layout of PASCAL VOC, with VOC's classes and ids `train_0`, …, `val_0`, …"""
    voc = root / "VOC2012"
    for name in ("JPEGImages", "SegmentationClass", "SegmentationClassAug", "ImageSets/Segmentation"):
        (voc / name).mkdir(parents=True)
    for number, shown in enumerate(train):
        pair = Pair("", voc / f"JPEGImages/train_{number}.jpg", voc / f"SegmentationClassAug/train_{number}.png")
        _write_picture(pair, shown, seed=number)
    for number, shown in enumerate(evaluation):
        pair = Pair("", voc / f"JPEGImages/val_{number}.jpg", voc / f"SegmentationClass/val_{number}.png")
        _write_picture(pair, shown, seed=1000 + number)
    paths = (f"/JPEGImages/train_{i}.jpg /SegmentationClassAug/train_{i}.png" for i in range(len(train)))
    _write_lines(voc / "ImageSets/Segmentation/train_aug.txt", paths)
    _write_lines(voc / "ImageSets/Segmentation/val.txt", (f"val_{i}" for i in range(len(evaluation))))
    return FolderDatasetSpec.model_validate({"adapter": "voc", "root": str(root)})


def write_folder_dataset(
    root: Path,
    train: Contents = SIX_CLASSES,
    evaluation: Contents = SIX_CLASSES_EVAL,
    classes: Sequence[str] = ("floor", "one", "two", "three", "four", "five", "six"),
    ignore_id: int = 255,
) -> FolderDatasetSpec:
    """Write images, index PNGs and a class table without a background class: raw id 0 is the class `floor`."""
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    for split, contents in (("train", train), ("val", evaluation)):
        for number, shown in enumerate(contents):
            name = f"{split}_{number}"
            _write_picture(Pair(name, root / f"images/{name}.png", root / f"labels/{name}.png"), shown, seed=number)
        _write_lines(root / f"{split}.txt", (f"{split}_{number}" for number in range(len(contents))))
    (root / "classes.json").write_text(json.dumps({"classes": list(classes), "ignore_id": ignore_id}))
    return FolderDatasetSpec.model_validate({"adapter": "folder", "root": str(root)})


def pairs_of(spec: FolderDatasetSpec, split: str | None = None) -> Sequence[Pair]:
    """Return the files of a split, by default the training split."""
    return ADAPTERS[spec.adapter].load().list_pairs(Path(spec.root), split or spec.train_split)


def make_label_a_colour_image(pair: Pair) -> None:
    """Write the label as RGB colours instead of class ids."""
    ids = np.asarray(PILImage.open(pair.label))
    PILImage.fromarray(np.stack([ids * 10] * 3, axis=-1)).save(pair.label)


def make_label_16_bit(pair: Pair) -> None:
    """Write the label with 16 bits a pixel."""
    ids = np.asarray(PILImage.open(pair.label))
    PILImage.fromarray(ids.astype(np.uint16)).save(pair.label)


def make_label_smaller(pair: Pair) -> None:
    """Cut one row off the label."""
    ids = np.asarray(PILImage.open(pair.label))
    PILImage.fromarray(ids[:-1].copy()).save(pair.label)


def put_id_into_label(pair: Pair, raw_id: int, pixels: int = 1) -> None:
    """Give the first pixels of the label's first row another id."""
    ids = np.array(PILImage.open(pair.label))
    ids[0, :pixels] = raw_id
    PILImage.fromarray(ids).save(pair.label)


def cut_short(path: Path) -> None:
    """Keep the first half of a file, as an interrupted copy does."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def write_png_header(path: Path, width: int, height: int) -> None:
    """Write a small PNG that claims any size in its header."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b""))


def _write_picture(pair: Pair, shown: Sequence[int], seed: int) -> None:
    image, label = draw_picture(shown, seed)
    PILImage.fromarray(image).save(pair.image)
    PILImage.fromarray(label).save(pair.label)


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
