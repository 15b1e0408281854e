"""Writes the world *objects* in the layout of PASCAL VOC 2012, so that the adapter for real data reads it.

Besides the files of EIR 2.1 it writes `SegmentationObject/` (instance masks), `classes.json` (the world's own classes)
and `world.json` (the spec).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image as PILImage
from pydantic import Field, model_validator

from core.data.class_file import write_class_file
from core.data.classes import ClassTable, object_classes, voc_colour
from core.data.samples import LabelMap
from core.data.specs import WorldDatasetSpec
from core.data.worlds.objects import ObjectsWorld
from core.data.worlds.objects_coco import write_objects_as_coco

FIRST_EVAL_INDEX = 1_000_000
"""Index of the evaluation split's first scene; more training pictures do not change that split."""

_PALETTE = [value for index in range(256) for value in voc_colour(index)]
_FOLDERS = ("JPEGImages", "SegmentationClass", "SegmentationClassAug", "SegmentationObject", "ImageSets/Segmentation")


class ObjectsDatasetSpec(WorldDatasetSpec):
    """The world *objects*: textured shapes on cluttered backgrounds."""

    world: Literal["objects"] = Field(description="Which world is drawn.")
    classes: int = Field(6, ge=1, le=20, description="Number of object classes; raw ids are 1 to this number.")
    size_px: int = Field(96, ge=32, le=1024, description="Side of the square pictures, in pixels.")
    density_min: int = Field(1, ge=1, le=20, description="Fewest classes in a picture.")
    density_max: int = Field(2, ge=1, le=20, description="Most classes in a picture.")
    labels: Literal["classes", "instances"] = Field(
        "classes",
        description="What is known of a picture: the class of each pixel, or its objects, in COCO's layout.",
        # Worlds drawn before the field existed keep their digest.
        exclude_if=lambda value: value == "classes",
    )

    @model_validator(mode="after")
    def _density_fits(self) -> ObjectsDatasetSpec:
        if not self.density_min <= self.density_max <= self.classes:
            raise ValueError(
                f"a picture cannot show {self.density_min} to {self.density_max} of {self.classes} classes; "
                "density_min <= density_max <= classes is needed"
            )
        return self

    @property
    def adapter(self) -> str:
        """Name of the adapter that reads the written world back."""
        return "coco" if self.labels == "instances" else "voc"

    @property
    def class_table(self) -> ClassTable:
        """Classes of the world."""
        table = object_classes(self.classes)
        return replace(table, background_id=None) if self.labels == "instances" else table

    @property
    def shorter_side_px(self) -> int:
        """Shorter side of the pictures."""
        return self.size_px


def materialise(spec: ObjectsDatasetSpec, folder: Path) -> None:
    """Draw a world into an empty folder.

    Args:
        spec: classes, size, number of pictures, density and seed.
        folder: becomes the dataset's root.
    """
    world = ObjectsWorld(spec.classes, spec.size_px, (spec.density_min, spec.density_max), spec.seed)
    if spec.labels == "instances":
        write_objects_as_coco(world, folder, {name: (first, count) for name, first, count in _splits(spec)})
        (folder / "world.json").write_text(spec.model_dump_json(indent=1) + "\n", encoding="utf-8")
        return
    voc = folder / "VOC2012"
    for name in _FOLDERS:
        (voc / name).mkdir(parents=True)
    train = [f"train_{number:06d}" for number in range(spec.train_images)]
    evaluation = [f"val_{number:06d}" for number in range(spec.eval_images)]
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        jobs = [
            *(threads.submit(_write_scene, world, index, voc, name) for index, name in enumerate(train)),
            *(
                threads.submit(_write_scene, world, FIRST_EVAL_INDEX + i, voc, name)
                for i, name in enumerate(evaluation)
            ),
        ]
        for job in jobs:
            job.result()
    lists = voc / "ImageSets" / "Segmentation"
    paths = (f"/JPEGImages/{name}.jpg /SegmentationClassAug/{name}.png\n" for name in train)
    (lists / "train_aug.txt").write_text("".join(paths), encoding="utf-8")
    (lists / "val.txt").write_text("".join(f"{name}\n" for name in evaluation), encoding="utf-8")
    write_class_file(folder, object_classes(spec.classes))
    (folder / "world.json").write_text(spec.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _splits(spec: ObjectsDatasetSpec) -> tuple[tuple[str, int, int], ...]:
    train, evaluation = spec.splits
    return (train, 0, spec.train_images), (evaluation, FIRST_EVAL_INDEX, spec.eval_images)


def _write_scene(world: ObjectsWorld, index: int, voc: Path, name: str) -> None:
    scene = world.scene(index)
    labels = "SegmentationClassAug" if index < FIRST_EVAL_INDEX else "SegmentationClass"
    PILImage.fromarray(scene.image).save(voc / "JPEGImages" / f"{name}.jpg", quality=95)
    _write_indices(scene.label, voc / labels / f"{name}.png")
    _write_indices(scene.instances, voc / "SegmentationObject" / f"{name}.png")


def _write_indices(indices: LabelMap, path: Path) -> None:
    image = PILImage.fromarray(np.ascontiguousarray(indices))
    image.putpalette(_PALETTE)
    image.save(path)
