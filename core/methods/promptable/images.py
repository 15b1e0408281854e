"""Training images with binary masks, and their views for SAM (CoSAM 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from core.data.adapters.sam_domain import THRESHOLD, read_grey_mask
from core.data.pairing import PairedFiles
from core.data.samples import Image
from core.data.transforms.large_scale_jitter import View, flipped, jittered, resized, to_bytes
from core.memory.entry import InstanceEntry
from core.methods.promptable.config import ViewConfig
from core.models.sam.prompt_encoding import Prompt, PromptKind
from core.models.sam.prompts import foreground_points, mask_boxes, noisy_masks
from core.models.sam.sizes import SamSize


class MaskedImages(Protocol):
    """Images with masks, by position."""

    def __len__(self) -> int: ...

    def read(self, position: int) -> tuple[Image, np.ndarray]:
        """Return (H, W, 3) image and (H, W) uint8 mask from 0 to 255."""

    def name_of(self, position: int) -> str:
        """Return the id of an image."""


@dataclass(frozen=True)
class DatasetImages:
    """Some images of a split.

    Attributes:
        dataset: the split.
        indices: positions of the images in the split.
    """

    dataset: PairedFiles
    indices: Sequence[int]

    def __len__(self) -> int:
        return len(self.indices)

    def read(self, position: int) -> tuple[Image, np.ndarray]:
        index = self.indices[position]
        image, mask = self.dataset.image(index), read_grey_mask(self.dataset.label_path(index))
        if mask.shape != image.shape[:2]:
            self.dataset.mask(index)  # refuses it, and names both files
        return image, mask

    def name_of(self, position: int) -> str:
        return self.dataset.ids[self.indices[position]]


@dataclass(frozen=True)
class StoredImages:
    """Images of earlier domains from the memory: whole images, with binarised masks."""

    entries: Sequence[InstanceEntry]

    def __len__(self) -> int:
        return len(self.entries)

    def read(self, position: int) -> tuple[Image, np.ndarray]:
        entry = self.entries[position]
        return entry.canvas_image(), np.where(entry.canvas_label() == 1, 255, 0).astype(np.uint8)

    def name_of(self, position: int) -> str:
        return self.entries[position].source


@dataclass(frozen=True)
class JoinedImages:
    """Several sets of images, concatenated."""

    parts: Sequence[MaskedImages]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def read(self, position: int) -> tuple[Image, np.ndarray]:
        part, place = self._find(position)
        return part.read(place)

    def name_of(self, position: int) -> str:
        part, place = self._find(position)
        return part.name_of(place)

    def _find(self, position: int) -> tuple[MaskedImages, int]:
        for part in self.parts:
            if position < len(part):
                return part, position
            position -= len(part)
        raise IndexError(f"position {position} is behind the last image")


@dataclass(frozen=True)
class RepeatedImages:
    """Images repeated in turn up to `count` items."""

    images: MaskedImages
    count: int

    def __len__(self) -> int:
        return self.count

    def read(self, position: int) -> tuple[Image, np.ndarray]:
        return self.images.read(position % len(self.images))

    def name_of(self, position: int) -> str:
        return self.images.name_of(position % len(self.images))


class LearningItem(NamedTuple):
    """(3, S, S) uint8 image, (1, S, S) target in [0, 1], and the prompt."""

    image: Tensor
    target: Tensor
    prompt: Prompt


class EvaluationView(NamedTuple):
    """(3, S, S) uint8 image and (1, S, S) mask from 0 to 255, resized without keeping the aspect ratio."""

    image: Tensor
    mask: Tensor


def training_item(
    image: Image, mask: np.ndarray, generator: np.random.Generator, config: ViewConfig, size: SamSize
) -> LearningItem:
    """Return a training view of an image, with a drawn prompt.

    A view without foreground is drawn again; after the last try the whole image is used. See
    `ViewConfig.jitter_retry`.
    """
    whole = flipped(to_view(image, mask), generator.random() if config.flip else 0.0)
    scales, side = (config.scale_min, config.scale_max), size.image_px
    view = jittered(whole, side, _Draws(generator), scales)
    for _ in range(config.jitter_retry):
        if has_foreground(view.mask):
            break
        view = jittered(whole, side, _Draws(generator), scales)
    if config.jitter_retry and not has_foreground(view.mask):
        view = resized(whole, side, side)
    kinds: Sequence[PromptKind] = config.prompts if has_foreground(view.mask) else ("noise_mask",)
    kind = kinds[int(generator.integers(len(kinds)))]
    prompt = draw_prompt(view.mask, kind, generator, config.points, size)
    return LearningItem(to_bytes(view.image), view.mask / 255, prompt)


def evaluation_view(image: Image, mask: np.ndarray, side: int) -> EvaluationView:
    """Return an image's view for tests."""
    view = resized(to_view(image, mask), side, side)
    return EvaluationView(to_bytes(view.image), view.mask)


def to_view(image: Image, mask: np.ndarray) -> View:
    """Return image and mask as float32 with channels first."""
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)
    return View(pixels.float(), torch.from_numpy(np.array(mask)).float()[None])


def has_foreground(mask: Tensor) -> bool:
    """Return whether a mask from 0 to 255 shows any foreground."""
    return bool((mask > THRESHOLD).any())


def draw_prompt(mask: Tensor, kind: PromptKind, generator: np.random.Generator, points: int, size: SamSize) -> Prompt:
    """Draw a prompt from a view's mask (1, S, S). An empty mask gives the whole view as box, and no points."""
    if kind == "noise_mask":
        small = resized(View(mask, mask), size.mask_px, size.mask_px).mask[None]
        noise = torch.from_numpy(generator.standard_normal(small.shape, dtype=np.float32))
        return Prompt(kind, noisy_masks(small, noise)[0])
    if kind == "points":
        count = int((mask > THRESHOLD).sum())
        order = torch.from_numpy(generator.permutation(count))
        return Prompt(kind, foreground_points(mask[0], order, points))
    if not has_foreground(mask):
        return Prompt(kind, torch.tensor([0.0, 0.0, mask.shape[2] - 1, mask.shape[1] - 1]))
    return Prompt(kind, mask_boxes(mask)[0])


@dataclass(frozen=True)
class _Draws:
    generator: np.random.Generator

    def uniform(self) -> float:
        return float(self.generator.random())

    def integer(self, end: int) -> int:
        return int(self.generator.integers(end))
