"""Writes the world *streets* in published layouts of street scenes, so that the adapters for real data read it."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage
from pydantic import Field

from core.data.adapters import idd
from core.data.adapters.cityscapes import IMAGE_SUFFIX, LABEL_SUFFIX
from core.data.class_lists import ClassListName, listed_classes
from core.data.classes import CITYSCAPES_CLASSES, CITYSCAPES_TO_TRAIN, SYNTHIA_CLASSES, SYNTHIA_TO_TRAIN, ClassTable
from core.data.domain_classes import STREET_IDS
from core.data.samples import LabelMap
from core.data.specs import WorldDatasetSpec
from core.data.worlds.streets import StreetScene, StreetsWorld

FIRST_EVAL_INDEX = 1_000_000
"""Index of the evaluation split's first scene; more training pictures do not change that split."""
FIRST_EVAL_NUMBER = 500_000
"""First number in the names of evaluation scenes in the layout of Cityscapes; names order the split."""
DISTRICTS = ("altstadt", "bahnhof", "hafen", "neustadt", "westend")
"""The world's cities in the layout of Cityscapes: groups that share a labelling budget."""

SEQUENCES = 4
"""Number of sequences in the layout of IDD."""
IDD_VOID, MAPILLARY_VOID = 35, 65
"""Ids that these layouts ignore."""
LISTED = ("gta5", "synthia")
"""Layouts that keep the pictures of all splits in one folder."""

Write = Callable[[Path, str, str, StreetScene], None]
"""(root, split, name, scene) -> files."""


class StreetsDatasetSpec(WorldDatasetSpec):
    """The world *streets*: road scenes with the classes of Cityscapes, in one of several domains."""

    world: Literal["streets"] = Field(description="Which world is drawn.")
    domain: Literal["synthetic", "city-a", "city-b", "city-c"] = Field(
        "city-a", description="Palette, texture, light, weather and layout of the scenes."
    )
    layout: Literal["cityscapes", "gta5", "idd", "mapillary", "synthia"] = Field(
        "cityscapes", description="Published layout that the pictures are written in; synthia knows 16 of 19 classes."
    )
    height_px: int = Field(96, ge=32, le=1024, description="Height of the pictures, in pixels.")
    width_px: int = Field(192, ge=32, le=2048, description="Width of the pictures, in pixels.")

    class_list: ClassListName | None = Field(
        None,
        description="Read the labels as one of the shared class lists; by default as the layout has them.",
        exclude_if=lambda value: value is None,
    )

    @property
    def label(self) -> str:
        """Name for lists."""
        return f"{self.world} {self.domain}"

    @property
    def adapter(self) -> str:
        """Name of the adapter that reads the written world back."""
        return self.layout

    @property
    def splits(self) -> tuple[str, str]:
        """Names of the written world's splits to learn from and to test on."""
        return "train", "validation" if self.layout == "mapillary" else "val"

    @property
    def class_table(self) -> ClassTable:
        """Classes of the world."""
        own = SYNTHIA_CLASSES if self.layout == "synthia" else CITYSCAPES_CLASSES
        return own if self.class_list is None else listed_classes(own, self.class_list)

    @property
    def shorter_side_px(self) -> int:
        """Shorter side of the pictures."""
        return min(self.height_px, self.width_px)


def materialise(spec: StreetsDatasetSpec, folder: Path) -> None:
    """Draw a domain into an empty folder.

    Args:
        spec: domain, layout, size, number of pictures and seed.
        folder: becomes the dataset's root.
    """
    world = StreetsWorld(spec.domain, spec.height_px, spec.width_px, spec.seed)
    write, name_of = LAYOUTS[spec.layout]
    jobs = [("train", index, index) for index in range(spec.train_images)]
    # In layouts with one folder for all pictures, names have few digits, so test numbers follow the training numbers.
    first = spec.train_images if spec.layout in LISTED else FIRST_EVAL_NUMBER
    jobs += [(spec.splits[1], first + index, FIRST_EVAL_INDEX + index) for index in range(spec.eval_images)]
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        done = [
            threads.submit(_draw, world, index, write, folder, split, name_of(number)) for split, number, index in jobs
        ]
        for job in done:
            job.result()
    if spec.layout in LISTED:
        lists = folder / "lists"
        lists.mkdir()
        for chosen in ("train", "val"):
            names = [name_of(number) for split, number, _ in jobs if split == chosen]
            (lists / f"{chosen}.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    (folder / "world.json").write_text(spec.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _draw(world: StreetsWorld, index: int, write: Write, folder: Path, split: str, name: str) -> None:
    write(folder, split, name, world.scene(index))


def _write_cityscapes(root: Path, split: str, name: str, scene: StreetScene) -> None:
    city = name.split("_", 1)[0]
    _save(scene.image, root / "leftImg8bit" / split / city / f"{name}{IMAGE_SUFFIX}")
    ids = _inverse(CITYSCAPES_TO_TRAIN)[scene.label]
    _save(ids, root / "gtFine" / split / city / f"{name}{LABEL_SUFFIX}")


def _write_gta5(root: Path, _split: str, name: str, scene: StreetScene) -> None:
    _save(scene.image, root / "images" / f"{name}.png")
    labels = PILImage.fromarray(_inverse(CITYSCAPES_TO_TRAIN)[scene.label])
    labels.putpalette([value for index in range(256) for value in (index, 255 - index, index * 7 % 256)])
    path = root / "labels" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    labels.save(path)


def _write_idd(root: Path, split: str, name: str, scene: StreetScene) -> None:
    _save(scene.image, root / "leftImg8bit" / split / f"{name}{idd.IMAGE_SUFFIXES[0]}")
    ids = _inverse(STREET_IDS["idd", 19], IDD_VOID)[scene.label]
    _save(ids, root / "gtFine" / split / f"{name}{idd.LABEL_SUFFIX}")


def _write_mapillary(root: Path, split: str, name: str, scene: StreetScene) -> None:
    # PNG, not the data set's JPEG, which does not decode to the same pixels everywhere.
    _save(scene.image, root / split / "images" / f"{name}.png")
    ids = _inverse(STREET_IDS["mapillary", 19], MAPILLARY_VOID)[scene.label]
    _save(ids, root / split / "labels" / f"{name}.png")


def _write_synthia(root: Path, _split: str, name: str, scene: StreetScene) -> None:
    _save(scene.image, root / "RGB" / f"{name}.png")
    ids = _inverse(SYNTHIA_TO_TRAIN)[scene.label]
    path = root / "GT" / "LABELS" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wide_png(np.stack([ids, np.zeros_like(ids), np.zeros_like(ids)], axis=2).astype(np.uint16)))


def _inverse(to_train: Mapping[int, int], void: int = 0) -> LabelMap:
    """Return (256,) train id -> the layout's first id for it, or the ignored id `void` if it has none."""
    table = np.full(256, void, dtype=np.uint8)
    for raw_id, train_id in reversed(list(to_train.items())):
        table[train_id] = raw_id
    return table


def _save(pixels: npt.NDArray[np.uint8], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray(pixels).save(path, compress_level=1)


def wide_png(samples: npt.NDArray[np.uint16]) -> bytes:
    """Return an (H, W, 3) array as a PNG with 16 bits per channel, which Pillow cannot write."""
    height, width, _ = samples.shape
    lines = samples.astype(">u2").reshape(height, -1)
    raw = b"".join(b"\0" + line.tobytes() for line in lines)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*chunks, strict=True)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _city_name(number: int) -> str:
    return f"{DISTRICTS[number % len(DISTRICTS)]}_{number:06d}_000019"


def _frame_name(number: int) -> str:
    # As in IDD, frames of different sequences have the same names.
    return f"{number % SEQUENCES:03d}/{number // SEQUENCES:06d}"


LAYOUTS: dict[str, tuple[Write, Callable[[int], str]]] = {
    "cityscapes": (_write_cityscapes, _city_name),
    "gta5": (_write_gta5, lambda number: f"{number + 1:05d}"),
    "idd": (_write_idd, _frame_name),
    "mapillary": (_write_mapillary, lambda number: f"{number:07d}"),
    "synthia": (_write_synthia, lambda number: f"{number:07d}"),
}
"""Layout -> how a scene is written, and how pictures are named."""
