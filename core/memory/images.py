"""Whole images in the replay memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from core.data.classes import IGNORE_INDEX
from core.data.samples import Image, LabelMap, Mask
from core.data.truths import FOREGROUND
from core.files import index_png
from core.memory.entry import InstanceEntry, encode_png
from core.memory.pictures import reduced_jpeg

ImageChoice = Literal["random", "first"]
"""Which images are kept: drawn by the seed, or the first by name."""


def whole_image(image: Image, mask: Mask, source: str, step: int) -> InstanceEntry:
    """Return a whole image with its foreground as an entry.

    Args:
        image: (H, W, 3).
        mask: (H, W), with some foreground.
        source: name of the image for people.
        step: index of the step that learned it.
    """
    labels = np.where(mask, FOREGROUND, IGNORE_INDEX).astype(np.uint8)
    return labelled_image(image, labels, (FOREGROUND,), drawn_class=FOREGROUND, source=source, step=step)


def labelled_image(
    image: Image, labels: LabelMap, classes: tuple[int, ...], *, drawn_class: int, source: str, step: int
) -> InstanceEntry:
    """Return a whole image with the labels of some classes as an entry.

    Args:
        image: (H, W, 3).
        labels: (H, W) raw ids of the classes; 255 everywhere else.
        classes: ids in the labels, ascending.
        drawn_class: the class for which the image is kept.
        source: name of the image for people.
        step: index of the step that learned it.
    """
    height, width = labels.shape
    return InstanceEntry(
        drawn_class=drawn_class,
        classes=classes,
        source=source,
        box=(0, 0, width, height),
        canvas_size=(width, height),
        area=int(np.count_nonzero(labels != IGNORE_INDEX)),
        step_added=step,
        crop_png=encode_png(image),
        label_png=index_png(labels),
        source_jpeg=reduced_jpeg(image),
    )


def choose_positions(count: int, total: int, choice: ImageChoice, generator: np.random.Generator) -> Sequence[int]:
    """Return the positions of the images to keep, ascending: `count` of `total`, or all if there are no more."""
    if count >= total:
        return range(total)
    chosen: list[int] = (
        sorted(generator.permutation(total)[:count].tolist()) if choice == "random" else list(range(count))
    )
    return chosen
