"""Small real datasets and memories for the tests of instance replay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.classes import ClassTable
from core.data.samples import Image, LabelMap
from core.memory.entry import InstanceEntry, cut_instance
from core.memory.geometry import Box


@dataclass(frozen=True)
class ArrayDataset:
    """A dense dataset held in two lists of arrays."""

    images: list[Image]
    labels: list[LabelMap]
    classes: ClassTable

    @property
    def ids(self) -> list[str]:
        """Name each item after its position."""
        return [f"image-{index}" for index in range(len(self.labels))]

    def __len__(self) -> int:
        return len(self.labels)

    def image(self, index: int) -> Image:
        """Return one image."""
        return self.images[index]

    def label(self, index: int) -> LabelMap:
        """Return one label map."""
        return self.labels[index]


def dataset_of(labels: list[LabelMap]) -> ArrayDataset:
    """Return a dataset with these labels, images of random pixels seeded by their position, and classes 1 to 9."""
    images = [
        np.random.default_rng(index).integers(1, 256, (*label.shape, 3), dtype=np.uint8)
        for index, label in enumerate(labels)
    ]
    return ArrayDataset(images, labels, ClassTable({class_id: f"class {class_id}" for class_id in range(1, 10)}))


def label_with_box(class_id: int, box: Box, size: tuple[int, int] = (24, 20), background: int = 0) -> LabelMap:
    """Return a label map of `size` (width, height) with one rectangle of a class on a background."""
    labels = np.full((size[1], size[0]), background, np.uint8)
    labels[box[1] : box[3], box[0] : box[2]] = class_id
    return labels


def rectangle_entry(class_id: int, box: Box, size: tuple[int, int] = (24, 20), background: int = 0) -> InstanceEntry:
    """Return a memory entry that shows one rectangle of a class."""
    dataset = dataset_of([label_with_box(class_id, box, size, background)])
    return cut_instance(dataset, 0, (class_id,), drawn_class=class_id, step_added=0)
