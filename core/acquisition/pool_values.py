"""Acquisition values of every image of the pool (STAL 6.1, 6.2), with one forward pass per batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from core.acquisition.aggregation import AGGREGATIONS, valid_top_mean
from core.acquisition.catalog import ACQUISITIONS, AcquisitionEntry, AcquisitionName, AggregationName, Evidence
from core.acquisition.dropout_passes import DropoutSums, run_dropout_passes
from core.acquisition.entropy import image_entropy, log_classes
from core.acquisition.functions import random_values
from core.acquisition.options import AcquisitionOptions
from core.acquisition.pool import PoolImage
from core.acquisition.ripu import best_classes
from core.acquisition.teacher import Teacher
from core.acquisition.upsampling import map_at_size
from core.data.prefetch import prefetched
from core.data.samples import Image
from core.data.transforms.presets import to_normalised
from core.engine.inference import resize_logits, sliding_logits

READERS_CPU, READERS_GPU = 1, 4
"""Threads that decode images ahead. On a CPU one thread keeps up with the network and leaves it the processors."""

SeedOf = Callable[[str], int]
"""Name of an image -> seed of its dropout passes."""


class PoolBatch(NamedTuple):
    """Consecutive images of equal size: names, normalised (B, 3, H, W), open pixels (B, H, W) bool; None = all open."""

    names: list[str]
    images: Tensor
    is_open: Tensor | None


@dataclass(frozen=True)
class PoolValues:
    """Values of a pool of N images.

    Attributes:
        values: (N,) larger = more worth a label; NaN where no pixel is open.
        class_pixels: (C,) pool pixels by the teacher's class, counted at stride 4.
        features: (N, D) mean representations on the CPU for core-set; else None.
    """

    values: npt.NDArray[np.float64]
    class_pixels: npt.NDArray[np.int64]
    features: Tensor | None


@dataclass(frozen=True)
class ValueRule:
    """How images are valued.

    Attributes:
        options: function and aggregation.
        crop_px: side of the square, or of the windows, on which STAL's score may be computed.
        batch_size: most images per forward pass; values do not depend on it.
        log19: divide entropies by ln 19, whatever the number of classes.
    """

    options: AcquisitionOptions
    crop_px: int
    batch_size: int
    log19: bool = False


@dataclass(frozen=True)
class Valuer:
    """Values images with a teacher.

    Attributes:
        teacher: the method's teacher.
        rule: turns the teacher's output into values.
        seed_of: gives the seeds of dropout passes.
    """

    teacher: Teacher
    rule: ValueRule
    seed_of: SeedOf

    @property
    def device(self) -> torch.device:
        """Device of the teacher."""
        return self.teacher.device

    def pool(self, read: Sequence[Callable[[], PoolImage]], generator: torch.Generator) -> PoolValues:
        """Value every image of the pool.

        Args:
            read: one reader per image; called ahead in other threads.
            generator: draws random values.
        """
        options, has_open = self.rule.options, []
        rows: list[Tensor] = [torch.zeros(0, dtype=torch.float64, device=self.device)]
        features: list[Tensor] = []
        counts = torch.zeros(self.teacher.num_classes, dtype=torch.long, device=self.device)
        # Results stay on the device until after the last batch; each earlier read would wait for the device.
        for opened, batch in self.batches(read):
            value, predictions, feature = self.values_of(batch)
            counts.index_add_(0, predictions, torch.ones_like(predictions))
            rows.append(value.double())
            has_open += opened
            features += [] if feature is None else [feature]
        values = torch.cat(rows).cpu()
        if options.name is AcquisitionName.RANDOM:
            values = random_values(len(values), generator).double()
        values = torch.where(torch.tensor(has_open, dtype=torch.bool), values, torch.nan)
        return PoolValues(values.numpy(), counts.cpu().numpy(), torch.cat(features).cpu() if features else None)

    def batches(self, read: Sequence[Callable[[], PoolImage]]) -> Iterator[tuple[list[bool], PoolBatch]]:
        """Yield, for each batch, which images have an open pixel, and the batch."""
        size, is_cuda = self.rule.batch_size, self.device.type == "cuda"
        readers = READERS_GPU if is_cuda else READERS_CPU
        items = prefetched((partial(_ready, each) for each in read), readers, ahead=size + readers)
        for group in _neighbours(items, size):
            names, images, masks = zip(*group, strict=True)
            opened = [bool(mask.any()) for mask in masks]
            is_open = None if all(mask.all() for mask in masks) else torch.from_numpy(np.stack(masks))
            pixels = torch.stack(images)
            if is_cuda:
                pixels = pixels.pin_memory()
                is_open = None if is_open is None else is_open.pin_memory()
            sent = None if is_open is None else is_open.to(self.device, non_blocking=True)
            yield opened, PoolBatch(list(names), pixels.to(self.device, non_blocking=True), sent)

    @torch.no_grad()
    def values_of(self, batch: PoolBatch) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return values (B,), predicted classes at stride 4 (P,), and for core-set mean representations (B, D)."""
        options, images = self.rule.options, batch.images
        size = (images.shape[2], images.shape[3])
        entry = ACQUISITIONS[options.name]
        if entry.evidence is Evidence.IMAGE_LOGITS and options.score_input == "resize":
            side = self.rule.crop_px
            images = F.interpolate(images, (side, side), mode="bilinear", align_corners=True)
        if entry.evidence is Evidence.IMAGE_LOGITS and options.score_input == "sliding":
            logits = self._by_windows(images)
            # Counted at stride 4 as everywhere.
            predictions = best_classes(logits[..., ::4, ::4]).flatten().long()
            return image_entropy(logits, size, self.rule.log19), predictions, None
        encoded = self.teacher.encode(images)
        logits = self.teacher.decode(encoded)
        feature = self.teacher.represent(encoded) if entry.evidence is Evidence.FEATURES else None
        value = logits.new_zeros(len(logits))
        if entry.evidence is Evidence.IMAGE_LOGITS:
            value = image_entropy(logits, size, self.rule.log19)
        elif entry.evidence is Evidence.LOGITS:
            value = self._aggregate(map_at_size(entry.load(), logits, size), batch.is_open)
        elif entry.evidence is Evidence.DROPOUT_PASSES:
            value = self._aggregate(self.dropout_maps(entry, batch.names, encoded, size), batch.is_open)
        return value, best_classes(logits).flatten().long(), feature

    def _by_windows(self, images: Tensor) -> Tensor:
        """Return mean logits (B, C, H, W) of sliding windows of the crop's size."""
        crop = (self.rule.crop_px, self.rule.crop_px)

        def logits_of(windows: Tensor) -> Tensor:
            return self.teacher.decode(self.teacher.encode(windows))

        return torch.cat([sliding_logits(logits_of, image[None], crop) for image in images])

    def dropout_maps(
        self, entry: AcquisitionEntry, names: Sequence[str], encoded: Tensor, size: tuple[int, int]
    ) -> Tensor:
        """Return the maps (B, H, W) of images. Their encodings (B, D, h, w) are decoded one by one."""
        function, passes = entry.load(), self.rule.options.passes

        def of_passes(strip: Tensor) -> Tensor:
            found: Tensor = function(DropoutSums.of_image(strip))
            return found

        maps = []
        for index, name in enumerate(names):
            decode = partial(self.teacher.decode, encoded[index : index + 1])
            logits = run_dropout_passes(self.teacher.decoder, decode, passes, self.seed_of(name))
            maps.append(map_at_size(of_passes, logits, size))
        return torch.cat(maps)

    def _aggregate(self, maps: Tensor, is_open: Tensor | None) -> Tensor:
        options = self.rule.options
        valid = torch.ones_like(maps, dtype=torch.bool) if is_open is None else is_open
        if options.aggregation is AggregationName.TOP:
            return valid_top_mean(maps, valid, options.top_fraction)
        return AGGREGATIONS[options.aggregation](maps, valid)

    def logits(self, image: Image) -> Tensor:
        """Return the teacher's logits of one image at its own size, (1, C, H, W)."""
        return self.decoded(image)[1]

    @torch.no_grad()
    def decoded(self, image: Image) -> tuple[Tensor, Tensor]:
        """Return the encoding of one image, (1, D, h, w), and its logits at its own size, (1, C, H, W)."""
        encoded = self.teacher.encode(to_normalised(image)[None].to(self.device))
        return encoded, resize_logits(self.teacher.decode(encoded), (image.shape[0], image.shape[1]))


def _ready(read: Callable[[], PoolImage]) -> tuple[str, Tensor, npt.NDArray[np.bool_]]:
    """Read and normalise an image; runs in its own thread."""
    one = read()
    return one.name, to_normalised(one.image), one.is_open


def _neighbours(
    items: Iterable[tuple[str, Tensor, npt.NDArray[np.bool_]]], most: int
) -> Iterator[list[tuple[str, Tensor, npt.NDArray[np.bool_]]]]:
    """Yield groups of up to `most` consecutive items of equal image size."""
    group: list[tuple[str, Tensor, npt.NDArray[np.bool_]]] = []
    for item in items:
        if group and (len(group) == most or item[1].shape != group[0][1].shape):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def uncertainty_picture(entropy: Tensor, num_classes: int) -> npt.NDArray[np.uint8]:
    """Return an entropy map (H, W) in nats as uint8 shares of ln C."""
    share = (entropy / log_classes(num_classes)).clamp(0, 1)
    return (share * 255).round().to(torch.uint8).cpu().numpy()


def histogram(values: npt.NDArray[np.float64], bins: int = 40) -> tuple[list[int], tuple[float, float]]:
    """Return the counts of values in bins of equal width, and the range of the bins. NaN is not counted."""
    known = values[~np.isnan(values)]
    if not len(known):
        return [0] * bins, (0.0, 1.0)
    counts, edges = np.histogram(known, bins)
    return counts.tolist(), (float(edges[0]), float(edges[-1]))
