"""What an acquisition function says of every image of the pool (spec STAL 6.1, 6.2): one forward pass an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from core.acquisition.aggregation import AGGREGATIONS, valid_top_mean
from core.acquisition.catalog import ACQUISITIONS, AcquisitionName, AggregationName, Evidence
from core.acquisition.dropout_passes import run_dropout_passes
from core.acquisition.entropy import image_entropy, log_classes
from core.acquisition.functions import random_values
from core.data.prefetch import prefetched
from core.data.samples import Image
from core.data.transforms.presets import to_normalised
from core.engine.precision import autocast
from core.methods.stal.config import StalConfig
from core.methods.stal.pseudo_labels import resize_logits
from core.models.deeplabv3plus import DeepLabV3Plus

SeedOf = Callable[[str], int]
"""Name of an image -> seed of its dropout passes."""


@dataclass(frozen=True)
class PoolImage:
    """One image of the pool: its name, its pixels, and which of them may still be asked about, (H, W) bool."""

    name: str
    image: Image
    is_open: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PoolValues:
    """What was found out about the pool of N images.

    Attributes:
        values: (N,) larger = more worth a label; NaN where no pixel is open.
        class_pixels: (C,) pixels of the pool that the teacher gives to each class, counted at stride 4.
        features: (N, D) mean representation, on the CPU, for core-set; else None.
    """

    values: npt.NDArray[np.float64]
    class_pixels: npt.NDArray[np.int64]
    features: Tensor | None


@dataclass(frozen=True)
class Valuer:
    """Values images with a teacher in evaluation mode.

    Attributes:
        teacher: on its device.
        config: acquisition and crop.
        dtype: arithmetic of the forward passes.
        seed_of: of dropout passes.
    """

    teacher: DeepLabV3Plus
    config: StalConfig
    dtype: torch.dtype
    seed_of: SeedOf

    @property
    def device(self) -> torch.device:
        """Where the teacher is."""
        return next(self.teacher.parameters()).device

    def pool(self, read: Sequence[Callable[[], PoolImage]], generator: torch.Generator) -> PoolValues:
        """Value every image of the pool.

        Args:
            read: reads an image; called ahead in another thread.
            generator: of random values.
        """
        options = self.config.acquisition
        rows, features = [], []
        counts = torch.zeros(self.teacher.num_classes, dtype=torch.long, device=self.device)
        for one in prefetched(iter(read), workers=1, ahead=2):
            value, logits, feature = self._value(one)
            counts += torch.bincount(logits.argmax(dim=1).flatten(), minlength=len(counts))
            rows.append(torch.where(torch.tensor(one.is_open.any()), value.cpu(), torch.nan))
            features.append(feature.cpu())
        values = torch.stack(rows).double() if rows else torch.zeros(0, dtype=torch.float64)
        if options.name is AcquisitionName.RANDOM:
            values = torch.where(values.isnan(), torch.nan, random_values(len(values), generator).double())
        kept = torch.cat(features) if options.name is AcquisitionName.CORESET and features else None
        return PoolValues(values.numpy(), counts.cpu().numpy(), kept)

    @torch.no_grad()
    def _value(self, one: PoolImage) -> tuple[Tensor, Tensor, Tensor]:
        """Return an image's value, its logits at stride 4, and its mean representation."""
        options, size = self.config.acquisition, one.is_open.shape
        images = to_normalised(one.image)[None].to(self.device)
        entry = ACQUISITIONS[options.name]
        if entry.evidence is Evidence.IMAGE_LOGITS and options.score_input == "resize":
            side = self.config.data.crop_px
            images = F.interpolate(images, (side, side), mode="bilinear", align_corners=True)
        with autocast(self.device, self.dtype):
            joined = self.teacher.decoder.join(self.teacher.encoder(images))
            logits = self.teacher.decoder.classifier(joined).float()
            feature = self.teacher.decoder.representation(joined).float().mean(dim=(2, 3))
        value = torch.zeros(())
        if entry.evidence is Evidence.IMAGE_LOGITS:
            value = image_entropy(logits, (size[0], size[1]), self.config.compat.log19)[0]
        elif entry.evidence in (Evidence.LOGITS, Evidence.DROPOUT_PASSES):
            maps = self._map(one.name, joined, logits, (size[0], size[1]))
            value = self._aggregate(maps, torch.from_numpy(one.is_open)[None].to(self.device))[0]
        return value, logits, feature

    def _map(self, name: str, joined: Tensor, logits: Tensor, size: tuple[int, int]) -> Tensor:
        entry = ACQUISITIONS[self.config.acquisition.name]
        if entry.evidence is Evidence.LOGITS:
            return entry.load()(resize_logits(logits, size))  # type: ignore[no-any-return]
        classifier = self.teacher.decoder.classifier

        def decode() -> Tensor:
            return resize_logits(classifier(joined).float(), size)

        sums = run_dropout_passes(classifier, decode, self.config.acquisition.passes, self.seed_of(name))
        return entry.load()(sums)  # type: ignore[no-any-return]

    def _aggregate(self, maps: Tensor, valid: Tensor) -> Tensor:
        options = self.config.acquisition
        if options.aggregation is AggregationName.TOP:
            return valid_top_mean(maps, valid, options.top_fraction)
        return AGGREGATIONS[options.aggregation](maps, valid)

    @torch.no_grad()
    def logits(self, image: Image) -> Tensor:
        """Return the teacher's logits of one image at its own size, (1, C, H, W)."""
        with autocast(self.device, self.dtype):
            return self.teacher.logits(to_normalised(image)[None].to(self.device))


def uncertainty_picture(entropy: Tensor, num_classes: int) -> npt.NDArray[np.uint8]:
    """Return an entropy map (H, W) in nats as 8-bit shares of ln C."""
    share = (entropy / log_classes(num_classes)).clamp(0, 1)
    return (share * 255).round().to(torch.uint8).cpu().numpy()


def histogram(values: npt.NDArray[np.float64], bins: int = 40) -> tuple[list[int], tuple[float, float]]:
    """Return how many values fall into bins of equal width, and the range of the bins; NaN falls into none."""
    known = values[~np.isnan(values)]
    if not len(known):
        return [0] * bins, (0.0, 1.0)
    counts, edges = np.histogram(known, bins)
    return counts.tolist(), (float(edges[0]), float(edges[-1]))
