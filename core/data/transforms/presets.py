"""The exact published pipelines."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from core.data.samples import Image, LabelMap
from core.data.transforms.geometry import (
    CropParams,
    centre_crop,
    crop_and_resize,
    draw_crop,
    resize_shorter_side,
)

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""ImageNet statistics of RGB in [0, 1]."""


class CropSettings(Protocol):
    """The settings of a data config that `eir_train` reads."""

    @property
    def crop_px(self) -> int: ...
    @property
    def area_min(self) -> float: ...
    @property
    def area_max(self) -> float: ...
    @property
    def flip(self) -> bool: ...


class TrainingView(NamedTuple):
    """An augmented item: (3, S, S) float32 normalised, (S, S) uint8 raw ids, and its crop."""

    image: Tensor
    label: Tensor
    crop: CropParams


def eir_train(image: Image, label: LabelMap, generator: np.random.Generator, config: CropSettings) -> TrainingView:
    """Random resized crop, flip with probability 1/2, scale to [0, 1], normalise (EIR 2.4)."""
    height, width = label.shape
    crop = draw_crop(width, height, generator, (config.area_min, config.area_max))
    crop = replace(crop, is_flipped=bool(generator.random() < 0.5) and config.flip)
    pixels, ids = crop_and_resize(image, label, crop, config.crop_px)
    return TrainingView(to_normalised(pixels), to_tensor(ids), crop)


def eir_eval(
    image: Image, label: LabelMap, crop_px: int, mode: Literal["crop", "whole", "full"] = "crop"
) -> tuple[Tensor, Tensor]:
    """Resize the shorter side to `crop_px`, centre crop, normalise (EIR 2.4).

    Modes whole and full do not crop. Mode whole resizes the image's shorter side to `crop_px` and keeps the label at
    its own size. Mode full resizes neither.

    Returns:
        (3, h, w) float32 and (h, w) uint8 raw ids; h = w = crop_px in mode crop. In mode whole the two sizes differ.
    """
    if mode == "whole":
        image, _ = resize_shorter_side(image, label, crop_px)
    if mode == "crop":
        image, label = centre_crop(*resize_shorter_side(image, label, crop_px), crop_px)
    return to_normalised(image), to_tensor(label)


def to_normalised(image: Image) -> Tensor:
    """Return an (h, w, 3) uint8 image as (3, h, w) float32, normalised by ImageNet's mean and deviation."""
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    channels_first = to_tensor(image).permute(2, 0, 1).contiguous()
    return channels_first.to(torch.float32).div_(255).sub_(mean).div_(std)


def to_pixels(image: Tensor) -> Image:
    """Undo `to_normalised`: (3, h, w) float32 -> (h, w, 3) uint8, rounded and clipped."""
    mean, std = (torch.tensor(values, device=image.device).view(3, 1, 1) for values in (MEAN, STD))
    pixels = image.mul(std).add_(mean).mul_(255).round_().clamp_(0, 255)
    return pixels.to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()


def to_tensor(array: LabelMap) -> Tensor:
    """Return a copy of a uint8 array as a tensor."""
    return torch.from_numpy(np.array(array, dtype=np.uint8, order="C"))
