"""Tests on a domain: cached features, masks at the images' own size, IoU of masks and boundaries."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from core.data.adapters.sam_domain import THRESHOLD
from core.data.pairing import PairedFiles
from core.data.prefetch import prefetched
from core.data.samples import Mask
from core.engine.precision import autocast, resolve_precision
from core.methods.promptable.config import PromptableConfig
from core.methods.promptable.images import DatasetImages, draw_prompt, evaluation_view
from core.metrics.boundary import boundary_iou, mask_iou
from core.models.sam.decoding import PromptedBatch
from core.models.sam.encoder import ImageFeatures
from core.models.sam.feature_store import FeatureStore
from core.models.sam.frozen import FrozenSam
from core.models.sam.masks import mask_at_size
from core.models.sam.prompt_encoding import Prompt, group_prompts
from core.seeding import SeedComponent, numpy_generator
from core.stage.context import StageContext
from core.stage.interrupt import StageInterrupted

T = TypeVar("T")
POINTS = 10
"""Number of points of a test prompt."""
PROMPT_SEED = 0
"""Points and noisy masks of tests are the same in every stage, and for every seed of a run."""


class TestedImage(NamedTuple):
    """A test image (3, S, S) uint8, its prompt, and the (H, W) ground truth."""

    image: Tensor
    prompt: Prompt
    truth: Mask
    place: int


class Routed(NamedTuple):
    """Logits of a batch (B, 1, h, w), and the (B,) domains of the images' adapters; None without a router."""

    logits: Tensor
    routes: Tensor | None = None


Predict = Callable[[PromptedBatch, Tensor], Routed]
"""(features and prompts, (B, 3, S, S) uint8 images on the CPU) -> masks."""


class ImageScore(NamedTuple):
    """Scores of one image (None if undefined), and the domain that it was routed to."""

    place: int
    iou: float | None
    biou: float | None
    route: int | None


@dataclass(frozen=True)
class DomainScores:
    """Scores of the test images of a domain, in their order."""

    images: Sequence[ImageScore]

    @property
    def iou(self) -> float | None:
        """Mean IoU over the images with a defined IoU."""
        return mean_of(score.iou for score in self.images)

    @property
    def biou(self) -> float | None:
        """Mean boundary IoU over the images with a defined value."""
        return mean_of(score.biou for score in self.images)

    @property
    def undefined(self) -> int:
        """Number of images with undefined IoU: truth and prediction are both empty."""
        return sum(score.iou is None for score in self.images)

    def accuracy(self, domain: int) -> float | None:
        """Return the share of images routed to a domain; None without a router."""
        routes = [score.route for score in self.images if score.route is not None]
        return float(np.mean([route == domain for route in routes])) if routes else None

    def route_counts(self, adapters: int) -> list[int]:
        """Return the number of images routed to each adapter; empty without a router."""
        routes = [score.route for score in self.images if score.route is not None]
        return np.bincount(routes, minlength=adapters).tolist() if routes else []

    def table(self, names: Sequence[str]) -> bytes:
        """Return the scores as CSV; `names` are the ids of all images of the split."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["image", "iou", "boundary_iou", "route"])
        for score in self.images:
            writer.writerow([names[score.place], score.iou, score.biou, score.route])
        return text.getvalue().encode()


@dataclass(frozen=True)
class Tester:
    """Tests models on frozen SAM.

    Attributes:
        context: context of the stage.
        sam: frozen SAM on the device.
        store: cache of features.
    """

    context: StageContext[Any]
    sam: FrozenSam
    store: FeatureStore

    @property
    def config(self) -> PromptableConfig:
        """Settings of the stage."""
        config: PromptableConfig = self.context.config
        return config

    def test(self, dataset: PairedFiles, indices: Sequence[int], predict: Predict, done: int) -> DomainScores:
        """Score images of a split.

        Raises:
            StageInterrupted: when the stage was asked to stop.
        """
        scores = []
        for image, mask, route in self.masks(dataset, indices, predict, done):
            iou, biou = mask_iou(image.truth, mask), boundary_iou(image.truth, mask)
            scores.append(ImageScore(image.place, iou, biou, route))
        return DomainScores(scores)

    @torch.no_grad()
    def masks(
        self, dataset: PairedFiles, indices: Sequence[int], predict: Predict, done: int
    ) -> Iterator[tuple[TestedImage, Mask, int | None]]:
        """Yield images in order with the masks at their own size, and their routes."""
        read = prefetched((partial(self._read, dataset, index) for index in indices), 1, self.config.eval.batch_size)
        for images in in_batches(read, self.config.eval.batch_size):
            if self.context.stop.requested:
                raise StageInterrupted(done)
            pixels = torch.stack([image.image for image in images])
            prompts = group_prompts([image.prompt for image in images])
            routed = predict(self.sam.prompted(self.features(pixels), prompts), pixels)
            routes = [None] * len(images) if routed.routes is None else routed.routes.tolist()
            for image, logits, route in zip(images, routed.logits.float(), routes, strict=True):
                yield image, mask_at_size(logits[None], image.truth.shape)[0, 0].cpu().numpy(), route

    def features(self, pixels: Tensor) -> ImageFeatures:
        """Return the features of (B, 3, S, S) uint8 images on the CPU; read them from the store if it has them."""
        keys = [f"{self.sam.key[:24]}{image_digest(image)[:40]}" for image in pixels]
        found = [self.store.load(key) for key in keys]
        missing = [place for place, kept in enumerate(found) if kept is None]
        if missing:
            made = self.encode(pixels[missing])
            for place, embedding, early in zip(missing, made.embeddings, made.early, strict=True):
                # Use new features as they will be read back, so that a resumed stage finds the same scores.
                found[place] = self.store.save(keys[place], {"embedding": embedding, "early": early})
        device = self.context.device
        embeddings, early = (
            torch.stack([kept[name].to(device) for kept in found if kept is not None])
            for name in ("embedding", "early")
        )
        return ImageFeatures(embeddings, early)

    def encode(self, pixels: Tensor) -> ImageFeatures:
        """Compute the features of (B, 3, S, S) uint8 images, without the store."""
        device = self.context.device
        with autocast(device, resolve_precision(self.config.execution.precision, device)):
            made = self.sam.encode(pixels.to(device))
        return ImageFeatures(made.embeddings.float(), made.early.float())

    def _read(self, dataset: PairedFiles, index: int) -> TestedImage:
        image, mask = DatasetImages(dataset, range(len(dataset))).read(index)
        view = evaluation_view(image, mask, self.sam.size.image_px)
        generator = numpy_generator(PROMPT_SEED, 0, SeedComponent.AUGMENTATION, index)
        prompt = draw_prompt(view.mask, self.config.eval.prompt, generator, POINTS, self.sam.size)
        return TestedImage(view.image, prompt, mask > THRESHOLD, index)


def image_digest(image: Tensor) -> str:
    """Return the SHA-256 of a uint8 image on the CPU."""
    return hashlib.sha256(f"{tuple(image.shape)}".encode() + image.contiguous().numpy().tobytes()).hexdigest()


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield items in lists of `size`; the last may be shorter."""
    pending: list[T] = []
    for item in items:
        pending.append(item)
        if len(pending) == size:
            yield pending
            pending = []
    if pending:
        yield pending


def mean_of(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that are not None; None if there are none."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None
