"""Writes the world *objects* in COCO's layout, with objects as run lengths."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image as PILImage

from core.data.classes import object_classes
from core.data.exchange.masks import encode_rle
from core.data.worlds.objects import ObjectsWorld, Scene


def write_objects_as_coco(world: ObjectsWorld, folder: Path, splits: Mapping[str, tuple[int, int]]) -> None:
    """Draw splits into an empty folder.

    Args:
        world: the world to draw.
        folder: becomes the dataset's root.
        splits: name -> index of the first scene, and number of scenes.
    """
    (folder / "annotations").mkdir(parents=True)
    categories = [{"id": raw_id, "name": name} for raw_id, name in object_classes(world.classes).names.items()]
    for split, (first, count) in splits.items():
        (folder / split).mkdir()
        images = [
            {"id": number, "file_name": f"{number:012d}.jpg", "width": world.size_px, "height": world.size_px}
            for number in range(1, count + 1)
        ]

        def draw(
            place: int, split: str = split, first: int = first, images: list[dict[str, Any]] = images
        ) -> list[dict[str, Any]]:
            scene = world.scene(first + place)
            PILImage.fromarray(scene.image).save(folder / split / images[place]["file_name"], quality=95)
            return list(_annotations(scene, place + 1))

        with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
            drawn = [annotation for of_image in threads.map(draw, range(count)) for annotation in of_image]
        annotations = [{"id": number, **annotation} for number, annotation in enumerate(drawn, start=1)]
        document = {"images": images, "categories": categories, "annotations": annotations}
        (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(document), encoding="utf-8")


def _annotations(scene: Scene, image_id: int) -> list[dict[str, Any]]:
    """Return the visible parts of a scene's objects; hidden objects are left out."""
    return [
        {
            "image_id": image_id,
            "category_id": int(class_id),
            "bbox": box.tolist(),
            "area": int(mask.sum()),
            "iscrowd": 0,
            "segmentation": encode_rle(mask),
        }
        for class_id, box, mask in zip(scene.instance_classes, scene.boxes, scene.masks, strict=True)
        if mask.any()
    ]
