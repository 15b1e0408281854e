"""Small data sets as other tools leave them: a sound one of two pictures, and what is needed to spoil it."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

from core.data.specs import FolderDatasetSpec

WIDTH, HEIGHT = 24, 16
NAMES = ("one", "two")
"""Ids of the picture to learn from and of the one to test on."""

Pixels = npt.NDArray[np.uint8]


def picture(seed: int = 0) -> Pixels:
    """Return (H, W, 3) noise."""
    return np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)


def label() -> Pixels:
    """Return (H, W) background with a block of class 1 and one of class 2."""
    ids = np.zeros((HEIGHT, WIDTH), np.uint8)
    ids[2:6, 2:10], ids[8:14, 12:20] = 1, 2
    return ids


def sound_dataset(
    root: Path, classes: Sequence[str] = ("background", "cat", "dog"), background_id: int | None = 0
) -> FolderDatasetSpec:
    """Write a data set of the layout `folder`: `one` to learn from, `two` to test on."""
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    for seed, (name, split) in enumerate(zip(NAMES, ("train", "val"), strict=True)):
        PILImage.fromarray(picture(seed)).save(root / f"images/{name}.jpg")
        PILImage.fromarray(label()).save(root / f"labels/{name}.png")
        (root / f"{split}.txt").write_text(f"{name}\n", encoding="utf-8")
    table: dict[str, object] = {"classes": list(classes), "ignore_id": 255}
    if background_id is not None:
        table["background_id"] = background_id
    (root / "classes.json").write_text(json.dumps(table), encoding="utf-8")
    return FolderDatasetSpec.model_validate({"adapter": "folder", "root": str(root)})


def grey_png(ids: Pixels, bits: int) -> bytes:
    """Return a grey PNG of 1, 2, 4 or 8 bits a pixel, which Pillow does not write by itself."""
    per_byte = 8 // bits
    rows = np.zeros((ids.shape[0], -(-ids.shape[1] // per_byte) * per_byte), np.uint8)
    rows[:, : ids.shape[1]] = ids
    packed = np.zeros((rows.shape[0], rows.shape[1] // per_byte), np.uint8)
    for place in range(per_byte):
        packed |= rows[:, place::per_byte] << (8 - bits * (place + 1))
    header = struct.pack(">IIBBBBB", ids.shape[1], ids.shape[0], bits, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in packed))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
