"""A trained model on the images of a test set: confusion matrix and prediction panels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.label_ids import remap
from core.data.loaders import Batch, Item, evaluation_batches
from core.data.presence import PRESENCE_DIR, scan_presence
from core.data.samples import DenseDataset
from core.data.transforms.presets import to_tensor
from core.data.truths import PixelCounts
from core.engine.panels import Panel, PanelKey, choose_images, to_channel_map
from core.engine.precision import autocast
from core.engine.tested_model import TestedModel, TestedOn
from core.engine.testing import pass_through, unless_stopped
from core.errors import DataError
from core.methods.checkpoint_test.fit import LACKING, ClassFit
from core.metrics.confusion import ConfusionMatrix
from core.stage.context import StageContext

Matrix = npt.NDArray[np.int64]
Said = Callable[[int, int], None]
"""Receives the number of tested images and of all images."""


@dataclass(frozen=True)
class SetTest:
    """A model on one test set.

    Attributes:
        context: context of the stage.
        model: the tested model.
        dataset: test images.
        on: the test set as the model sees it.
        fit: how its classes map to the model's.
        dtype: precision of the forward passes.
    """

    context: StageContext[Any]
    model: TestedModel
    dataset: DenseDataset
    on: TestedOn
    fit: ClassFit
    dtype: torch.dtype

    def confusion(self, said: Said) -> Matrix:
        """Return the confusion matrix (C, C) over the images that show a class of the model.

        Raises:
            ConfigError: if the model cannot answer for this test set.
            DataError: if no image shows a class of the model, or a file cannot be read.
            StageInterrupted: if the stage was asked to stop.
        """
        device, model = self.context.device, self.model
        confusion, indices, tested = ConfusionMatrix(len(self.fit.class_ids), device), self._indices(), 0

        def count(batch: Batch, logits: Tensor) -> None:
            nonlocal tested
            labels = batch.labels.to(device, non_blocking=True)
            confusion.update(labels, model.decide(logits, labels.shape[-2:], self.on))
            tested += len(batch.labels)
            said(tested, len(indices))

        pass_through(
            model.network,
            unless_stopped(evaluation_batches(self._item, indices, model.batch_size), self.context.stop, 0),
            lambda images: model.logits(images, self.on),
            count,
            device=device,
            dtype=self.dtype,
        )
        return confusion.matrix()

    @torch.no_grad()
    def panels(self) -> Iterator[Panel]:
        """Yield a few images that show as many classes as possible, with the model's predictions."""
        model, dataset = self.model, self.dataset
        model.network.eval()
        for index in choose_images(self._pixels(), self._learned(), model.panel_images):
            image, labels = dataset.image(index), dataset.label(index)
            seen, counted = model.view(image, labels)
            with autocast(self.context.device, self.dtype):
                logits = model.logits(seen[None].to(self.context.device), self.on)
            channels = model.decide(logits, counted.shape, self.on)[0] + int(not self.fit.has_background)
            yield Panel(dataset.ids[index], model.picture(image), self.fit.shown_as[counted], to_channel_map(channels))

    def _item(self, index: int) -> Item:
        image, labels = self.model.view(self.dataset.image(index), self.dataset.label(index))
        return image, to_tensor(remap(labels, self.fit.channel_of))

    def _indices(self) -> list[int]:
        shown = self._pixels()[:, self._learned()].any(axis=1)
        if not shown.any():
            raise DataError(
                f"none of the {len(self.dataset)} images of the test set {self.on.name} shows a class of the model; "
                "name another split, or look at the labels"
            )
        return np.flatnonzero(shown).tolist()

    def _learned(self) -> list[int]:
        """Return the raw ids of the test set that are classes of the model."""
        first = int(self.fit.has_background)
        names = self.dataset.classes.names
        return [raw_id for raw_id in names if first <= self.fit.channel_of[raw_id] < len(self.fit.class_ids)]

    def _pixels(self) -> PixelCounts:
        return scan_presence(self.dataset, Path(self.context.spec.data_home) / PRESENCE_DIR).pixels


def panel_key(fit: ClassFit, classes: ClassTable) -> PanelKey:
    """Return the meaning of panel ids, those of the first test set. Panel channel 0 is the background.

    Args:
        fit: how a test set's classes map to the model's.
        classes: classes of the first test set.
    """
    channel_of = np.full(256, 0 if fit.has_background else IGNORE_INDEX, np.uint8)
    raw_of = np.full(256, classes.ignore_id, np.uint8)
    seen = fit.class_ids[int(fit.has_background) :]
    for channel, class_id in enumerate(seen, start=1):
        if class_id < LACKING:
            channel_of[class_id], raw_of[channel] = channel, class_id
    channel_of[classes.ignore_id] = IGNORE_INDEX
    if fit.has_background and classes.background_id is not None:
        raw_of[0] = classes.background_id
    return PanelKey(channel_of, raw_of, seen, classes)
