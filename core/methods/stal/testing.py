"""Networks on the test images, at a round's end and between epochs (spec STAL 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.label_ids import IdTable
from core.data.loaders import Batch, Item, evaluation_batches
from core.data.transforms.presets import to_normalised
from core.engine.inference import multi_scale_logits
from core.engine.loop import Hook, Iteration
from core.engine.precision import autocast
from core.methods.class_incremental.step_data import unless_stopped
from core.methods.stal.config import StalConfig
from core.metrics.confusion import ConfusionMatrix
from core.metrics.iou import group_scores
from core.models.deeplabv3plus import DeepLabV3Plus
from core.stage.context import StageContext
from core.stage.events import Metric
from core.stage.interrupt import StageInterrupted

Seen = Callable[[Batch, Tensor], None]
"""Is told a batch of test images, on the CPU, and the logits (B, C, H, W) of its images."""


@dataclass(frozen=True)
class TestPass:
    """A pass of all test images through networks.

    Attributes:
        context: of the stage.
        channel_of: (256,) raw id -> channel.
        dtype: arithmetic of the networks.
        done: iterations so far, for an interruption.
        centre: pass the crop in the middle of each image instead of the whole.
    """

    context: StageContext[StalConfig]
    channel_of: IdTable
    dtype: torch.dtype
    done: int
    centre: bool = False

    @torch.no_grad()
    def through(self, network: DeepLabV3Plus, seen: Seen) -> None:
        """Tell the logits of every image; the network is in evaluation mode meanwhile.

        Raises:
            StageInterrupted: when the stage was asked to stop.
        """
        dataset, config = self.context.eval_set, self.context.config
        device = next(network.parameters()).device
        was_training = network.training
        network.eval()
        batches = evaluation_batches(self._item, range(len(dataset)), config.eval.batch_size)
        try:
            for batch in unless_stopped(batches, self.context.stop, self.done):
                images = batch.images.to(device, non_blocking=True)
                with autocast(device, self.dtype):
                    logits = network.logits(images) if self.centre else logits_at_size(network, images, config)
                seen(batch, logits)
        finally:
            network.train(was_training)

    def _item(self, index: int) -> Item:
        dataset = self.context.eval_set
        image, channels = dataset.image(index), self.channel_of[dataset.label(index)]
        if self.centre:
            rows, columns = (_middle(extent, self.context.config.data.crop_px) for extent in channels.shape)
            image, channels = image[rows, columns], channels[rows, columns]
        return to_normalised(image), torch.from_numpy(channels)


def _middle(extent: int, crop: int) -> slice:
    start = max(extent - crop, 0) // 2
    return slice(start, start + crop)


def confusion_of(
    context: StageContext[StalConfig],
    network: DeepLabV3Plus,
    channel_of: IdTable,
    dtype: torch.dtype,
    done: int,
    *,
    centre: bool = False,
) -> npt.NDArray[np.int64]:
    """Return the confusion matrix (C, C) of a network over all test images; for arguments see `TestPass`."""
    confusion = ConfusionMatrix(network.num_classes, next(network.parameters()).device)

    def count(batch: Batch, logits: Tensor) -> None:
        confusion.update(batch.labels.to(logits.device, non_blocking=True), logits.argmax(dim=1))

    TestPass(context, channel_of, dtype, done, centre).through(network, count)
    return confusion.matrix()


class ValidationHook(Hook):
    """Tests networks while they train, and adds their mIoU to the run's series; the last iteration is tested anyway.

    A stop comes before a test. The test that it cuts short is part of the checkpoint: a resumed stage begins with it.
    """

    def __init__(
        self,
        context: StageContext[StalConfig],
        networks: Mapping[str, DeepLabV3Plus],
        channel_of: IdTable,
        dtype: torch.dtype,
        every: int,
    ) -> None:
        """Test the networks, by what they are called, every so many iterations."""
        self._context, self._networks, self._every = context, networks, every
        self._channel_of, self._dtype = channel_of, dtype
        self._owed: int | None = None

    def at_start(self, done: int) -> None:
        """Make up for the test that a stop cut short."""
        if self._owed == done:
            self._test(done)

    def after(self, iteration: Iteration) -> None:
        """Test when it is time."""
        if iteration.done % self._every == 0:
            self._test(iteration.done)

    def state(self) -> dict[str, Any]:
        """Return the iteration whose test is still to be done, if there is one."""
        return {"owed": self._owed}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what a checkpoint owes."""
        self._owed = state["owed"]

    def _test(self, done: int) -> None:
        self._owed = done
        try:
            values = {f"miou_{name}": self._miou(network, done) for name, network in self._networks.items()}
        except StageInterrupted:
            # The hook that writes checkpoints comes next. It sees the request too, and keeps that the test is owed.
            return
        self._owed = None
        self._context.events.emit(Metric(iteration=done, values=values))

    def _miou(self, network: DeepLabV3Plus, done: int) -> float:
        centre = self._context.config.eval.between == "centre"
        matrix = confusion_of(self._context, network, self._channel_of, self._dtype, done, centre=centre)
        return group_scores(matrix, tuple(range(len(matrix)))).miou_present


def logits_at_size(network: DeepLabV3Plus, images: Tensor, config: StalConfig) -> Tensor:
    """Return the logits (B, C, H, W) of images at their own size, whole or by sliding windows as configured."""
    crop, options = (config.data.crop_px, config.data.crop_px), config.eval
    if options.mode == "whole":
        return network.logits(images)
    each = (
        multi_scale_logits(network.logits, image[None], crop, options.base_size, options.scales, options.flip)
        for image in images
    )
    return torch.cat(list(each))
