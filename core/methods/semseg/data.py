"""Images and objects as the detector's input (SemSeg 2.1, 2.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image as PILImage
from torch import Tensor

from core.data.loaders import BatchPlan
from core.data.prefetch import prefetched
from core.data.samples import Image, InstanceDataset, Instances
from core.methods.semseg.options import InputOptions, MaskTargets
from core.models.openset.truth import TaughtObjects
from core.seeding import SeedComponent, numpy_generator

LEAST_SIDE = 1e-5
"""Least side of a box in pixels; thinner boxes are dropped."""
MULTIPLE = 32
"""Batches are padded to a multiple of this number of pixels."""
WORKERS = 2
_RGB = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CAFFE_BGR = (103.530, 116.280, 123.675)


class DetectionBatch(NamedTuple):
    """Images padded at the bottom and right to one size, their (height, width) before padding, objects and numbers."""

    images: Tensor
    sizes: list[tuple[int, int]]
    truths: list[TaughtObjects]
    items: npt.NDArray[np.int64]


@dataclass(frozen=True)
class View:
    """View of an image: its new (height, width), and whether it is mirrored horizontally."""

    size: tuple[int, int]
    is_flipped: bool = False


@dataclass(frozen=True)
class GroupedBatchPlan(BatchPlan):
    """Batch plan in which all images of a batch are of one group: landscape or portrait.

    Attributes:
        groups: items of each group, `num_items` in total.
    """

    groups: tuple[npt.NDArray[np.int64], ...] = ()

    @property
    def per_epoch(self) -> int:
        """Iterations per epoch. The incomplete batch of a group is dropped, unless it is the group's only one."""
        return sum(self._batches_of(group) for group in self.groups)

    def items(self, iteration: int) -> npt.NDArray[np.int64]:
        """Return the (batch_size,) items of an iteration; a small group repeats its own."""
        epoch = self.epoch_of(iteration)
        generator = numpy_generator(self.run_seed, self.stage_index, SeedComponent.ORDER, epoch)
        batches: list[npt.NDArray[np.int64]] = []
        for group in self.groups:
            order = np.resize(generator.permutation(group), max(len(group), self.batch_size))
            batches += [
                order[at * self.batch_size : (at + 1) * self.batch_size] for at in range(self._batches_of(group))
            ]
        return batches[int(generator.permutation(len(batches))[iteration % self.per_epoch])]

    def _batches_of(self, group: npt.NDArray[np.int64]) -> int:
        return max(1, len(group) // self.batch_size)


def group_by_shape(sizes: Sequence[tuple[int, int]]) -> tuple[npt.NDArray[np.int64], ...]:
    """Return the items of (width, height) wider than high, and the others; empty groups are left out."""
    is_wide = np.array([width > height for width, height in sizes], np.bool_)
    return tuple(group for group in (np.flatnonzero(is_wide), np.flatnonzero(~is_wide)) if len(group))


def resized(size: tuple[int, int], shorter: int, longest: int) -> tuple[int, int]:
    """Return the (height, width) of an image whose shorter side becomes `shorter`, the longer at most `longest`."""
    scale = shorter / min(size)
    if max(size) * scale > longest:
        scale = longest / max(size)
    height, width = (max(1, int(side * scale + 0.5)) for side in size)
    return height, width


def draw_view(size: tuple[int, int], options: InputOptions, generator: np.random.Generator) -> View:
    """Draw the view of a training image of (height, width)."""
    shorter = options.train_sizes[int(generator.integers(len(options.train_sizes)))]
    return View(resized(size, shorter, options.longest_px), bool(generator.random() < options.flip))


def shown_image(image: Image, view: View, style: str) -> Tensor:
    """Return an image as (3, h, w) float32, normalised for the weights' style."""
    height, width = view.size
    pixels = np.asarray(PILImage.fromarray(image).resize((width, height), PILImage.Resampling.BILINEAR))
    if view.is_flipped:
        pixels = pixels[:, ::-1]
    shown = torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float()
    if style == "msra_caffe":
        return shown.flip(0) - torch.tensor(_CAFFE_BGR).view(3, 1, 1)
    mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in _RGB)
    return (shown / 255 - mean) / deviation


def taught_objects(found: Instances, view: View, known: Sequence[int], mask_targets: str) -> TaughtObjects:
    """Return the objects of known classes in a view, without crowds and degenerate boxes.

    Args:
        found: all objects of the image.
        view: view of the image.
        known: raw ids, ascending; an object's head index is the position of its class.
        mask_targets: `polygons` draws masks from outlines if all objects have outlines.
    """
    height, width = view.size
    scale = np.array([width / found.size[0], height / found.size[1]])
    boxes = (found.boxes.reshape(-1, 2, 2) * scale).reshape(-1, 4).clip(0, [width, height, width, height])
    if view.is_flipped:
        boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)
    sides = boxes[:, 2:] - boxes[:, :2]
    kept = np.flatnonzero(np.isin(found.classes, known) & ~found.is_crowd & (sides > LEAST_SIDE).all(axis=1))
    heads = torch.from_numpy(np.searchsorted(np.asarray(known), found.classes[kept]))
    outlines = None if mask_targets != "polygons" or found.outlines is None else [found.outlines[i] for i in kept]
    drawn = [one for one in outlines or () if one is not None]
    shown = torch.from_numpy(boxes[kept]).float()
    if outlines is not None and len(drawn) == len(kept):
        moved = [[_moved(points, scale, width if view.is_flipped else None) for points in one] for one in drawn]
        return TaughtObjects(shown, heads, outlines=moved)
    masks = torch.from_numpy(found.masks[kept]).to(torch.uint8)
    masks = (
        F.interpolate(masks[None], size=view.size, mode="nearest-exact")[0]
        if len(kept)
        else masks.new_zeros((0, height, width))
    )
    return TaughtObjects(shown, heads, bitmaps=masks.flip(2) if view.is_flipped else masks)


def _moved(
    points: npt.NDArray[np.float64], scale: npt.NDArray[np.float64], mirrored_at: int | None
) -> npt.NDArray[np.float64]:
    found = points.reshape(-1, 2) * scale
    if mirrored_at is not None:
        found[:, 0] = mirrored_at - found[:, 0]
    return found.ravel()


def stacked(images: Sequence[Tensor]) -> Tensor:
    """Return images of several sizes as one batch, padded with zeros at the bottom and right to multiples of 32 px."""
    height, width = (max(image.shape[axis] for image in images) for axis in (1, 2))
    height, width = (-(-side // MULTIPLE) * MULTIPLE for side in (height, width))
    return torch.stack([F.pad(one, (0, width - one.shape[2], 0, height - one.shape[1])) for one in images])


@dataclass(frozen=True)
class TrainingData:
    """The training images: those that show a known class, with only the objects of known classes.

    Attributes:
        dataset: the split.
        items: positions of those images in the split.
        known: raw ids of the known classes, ascending.
        options: options of the views.
        style: normalisation style of the backbone's weights.
        mask_targets: source of the mask targets.
    """

    dataset: InstanceDataset
    items: npt.NDArray[np.int64]
    known: tuple[int, ...]
    options: InputOptions
    style: str
    mask_targets: MaskTargets

    def name_of(self, item: int) -> str:
        """Return the id of an image."""
        return self.dataset.ids[int(self.items[item])]

    def batches(self, plan: BatchPlan) -> Callable[[int, int], Iterable[DetectionBatch]]:
        """Return the function that makes the batches from an iteration on."""

        def make(done: int, total: int) -> Iterable[DetectionBatch]:
            calls = (partial(self._batch, plan, iteration) for iteration in range(done, total))
            return prefetched(calls, WORKERS, ahead=2 * WORKERS)

        return make

    def _batch(self, plan: BatchPlan, iteration: int) -> DetectionBatch:
        chosen = plan.items(iteration)
        images, sizes, truths = [], [], []
        for place, item in enumerate(chosen):
            generator = numpy_generator(plan.run_seed, plan.stage_index, SeedComponent.AUGMENTATION, iteration, place)
            index = int(self.items[item])
            image, found = self.dataset.image(index), self.dataset.instances(index)
            view = draw_view((image.shape[0], image.shape[1]), self.options, generator)
            images.append(shown_image(image, view, self.style))
            sizes.append(view.size)
            truths.append(taught_objects(found, view, self.known, self.mask_targets))
        return DetectionBatch(stacked(images), sizes, truths, chosen)
