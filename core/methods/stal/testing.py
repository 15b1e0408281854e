"""Tests of a round's networks, at the round's end and between epochs (STAL 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.label_ids import IdTable
from core.data.loaders import Batch
from core.engine.inference import InferenceRule, LogitsOf
from core.engine.testing import Seen, batches_of_split, pass_through, unless_stopped
from core.engine.validation import ValidationHook
from core.methods.stal.config import StalConfig
from core.methods.stal.round_data import at_target_size
from core.metrics.confusion import ConfusionMatrix
from core.metrics.iou import group_scores
from core.models.deeplabv3plus import DeepLabV3Plus
from core.stage.context import StageContext
from core.streams.active_rounds import TARGET

Measured = tuple[IdTable, torch.dtype]
"""(256,) raw id -> channel, and the precision of the networks."""


def inference_rule(config: StalConfig) -> InferenceRule:
    """Return the rule for the logits of whole test images."""
    options = config.eval
    seen_size = None if config.data.target_size is None else (config.data.target_size[1], config.data.target_size[0])
    return InferenceRule(options.mode, config.data.crop_px, options.base_size, options.scales, options.flip, seen_size)


def pass_split(
    context: StageContext[StalConfig],
    network: DeepLabV3Plus,
    measured: Measured,
    done: int,
    seen: Seen,
    *,
    centre: bool = False,
) -> None:
    """Pass all test images through a network.

    Args:
        context: context of the stage.
        network: on its device; its mode is restored.
        measured: channels of the labels, and precision.
        done: iterations so far; reported if the stage is asked to stop.
        seen: receives the logits.
        centre: test the central crop of each image instead of the whole image.

    Raises:
        StageInterrupted: if the stage was asked to stop.
    """
    config, (channel_of, dtype) = context.config, measured
    crop_px = config.data.crop_px if centre else None
    split = at_target_size(context.datasets[TARGET].eval, config.data) if centre else context.datasets[TARGET].eval
    batches: Iterator[Batch] = batches_of_split(split, channel_of, config.eval.batch_size, crop_px)
    logits_of: LogitsOf = network.logits if centre else partial(inference_rule(config).logits, network.logits)
    device = next(network.parameters()).device
    tested = unless_stopped(batches, context.stop, done)
    pass_through(network, tested, logits_of, seen, device=device, dtype=dtype)


def confusion_of(
    context: StageContext[StalConfig], network: DeepLabV3Plus, measured: Measured, done: int, *, centre: bool = False
) -> npt.NDArray[np.int64]:
    """Return the confusion matrix (C, C) of a network over all test images; for arguments see `pass_split`."""
    confusion = ConfusionMatrix(network.num_classes, next(network.parameters()).device)

    def count(batch: Batch, logits: Tensor) -> None:
        confusion.update(batch.labels.to(logits.device, non_blocking=True), logits.argmax(dim=1))

    pass_split(context, network, measured, done, count, centre=centre)
    return confusion.matrix()


def validation(
    context: StageContext[StalConfig], networks: Mapping[str, DeepLabV3Plus], measured: Measured, every: int
) -> ValidationHook:
    """Return the hook that tests the named networks every `every` iterations and adds their mIoU to the series.

    The round's evaluation tests the last iteration in any case.
    """
    centre = context.config.eval.between == "centre"

    def miou(network: DeepLabV3Plus, done: int) -> float:
        matrix = confusion_of(context, network, measured, done, centre=centre)
        return group_scores(matrix, tuple(range(len(matrix)))).miou_present

    def measure(done: int) -> dict[str, float]:
        return {f"miou_{name}": miou(network, done) for name, network in networks.items()}

    return ValidationHook(context.events, measure, every)
