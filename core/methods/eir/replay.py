"""Instance-only replay: stored instances alone on an empty canvas (EIR, CVPR 2025; EIR 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from PIL import Image as PillowImage
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.samples import LabelMap
from core.data.transforms.geometry import draw_crop
from core.data.transforms.presets import CropSettings, eir_train
from core.memory.entry import InstanceEntry
from core.memory.instances import LabelView


def replay_item(
    entry: InstanceEntry, channel_of: Mapping[int, int], generator: np.random.Generator, config: CropSettings
) -> tuple[Tensor, Tensor]:
    """Return a training item of an entry: its canvas, augmented like a new image, blank outside the instance.

    Args:
        entry: memory entry to replay.
        channel_of: raw class id -> network channel, for the entry's classes at least.
        generator: draws the augmentation.
        config: crop and flip of the training pipeline.

    Returns:
        (3, S, S) float32 normalised and exactly 0 outside the instance; (S, S) int64 channels, 0 outside.
    """
    view = eir_train(entry.canvas_image(), entry.canvas_label(), generator, config)
    channels = {class_id: channel_of[class_id] for class_id in entry.classes}
    table = torch.zeros(256, dtype=torch.int64)
    table[list(channels)] = torch.tensor(list(channels.values()))
    return keep_instances(view.image, table[view.label.long()], list(channels.values()))


def crop_view(config: CropSettings, generator_of: Callable[[int], np.random.Generator]) -> LabelView:
    """Return the label view of `memory.filter_view: crop`: the filter sees a training crop, as in the published code.

    Args:
        config: crop of the training pipeline.
        generator_of: position of an image -> generator of its crop.
    """

    def view(labels: LabelMap, index: int) -> LabelMap:
        height, width = labels.shape
        crop = draw_crop(width, height, generator_of(index), (config.area_min, config.area_max))
        box = (crop.left, crop.top, crop.left + crop.width, crop.top + crop.height)
        side = (config.crop_px, config.crop_px)
        return np.asarray(PillowImage.fromarray(labels).resize(side, PillowImage.Resampling.NEAREST, box=box))

    return view


def class_mask(labels: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the number of `classes` that equal each pixel: 0 or 1, or more if an id is repeated.

    Args:
        labels: int64 ids in [0, 255] of any shape.
        classes: ids in [0, 255].

    Returns:
        int64 of the labels' shape.
    """
    counts = torch.bincount(torch.tensor(classes, dtype=torch.int64), minlength=256)
    return counts.to(labels.device)[labels]


def blank_background(images: Tensor, labels: Tensor) -> Tensor:
    """Set all pixels outside the instances to 0, the mean colour in normalised space.

    Args:
        images: (..., 3, H, W) normalised.
        labels: (..., H, W) int64; pixels labelled neither 0 nor 255 stay.
    """
    is_instance = (labels != 0) & (labels != IGNORE_INDEX)
    return images * is_instance.unsqueeze(-3)


def keep_instances(images: Tensor, labels: Tensor, classes: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Keep only the pixels of some classes. All others, ignored pixels included, become background.

    Args:
        images: (..., 3, H, W) normalised.
        labels: (..., H, W) int64 ids in [0, 255].
        classes: ids to keep.

    Returns:
        Images and labels, both 0 outside the kept classes.
    """
    kept = torch.where((class_mask(labels, classes) > 0) & (labels != IGNORE_INDEX), labels, 0)
    return blank_background(images, kept), kept
