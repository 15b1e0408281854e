"""The test at a round's end: scores of teacher and student, and the teacher's predictions as files (STAL 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.label_ids import IdTable
from core.data.loaders import Batch
from core.engine.prediction_maps import MapKind, MapWriter
from core.methods.stal.config import StalConfig, TestOptions
from core.methods.stal.scores import class_groups
from core.methods.stal.testing import pass_split
from core.metrics.confusion import ConfusionMatrix
from core.models.deeplabv3plus import DeepLabV3Plus
from core.stage.context import StageContext
from core.streams.active_rounds import TARGET


@dataclass(frozen=True)
class Evaluation:
    """(C, C) confusion over all test pixels; and per group of classes, with predictions restricted to the group."""

    matrix: npt.NDArray[np.int64]
    restricted: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)


def evaluate_network(
    context: StageContext[StalConfig],
    network: DeepLabV3Plus,
    tables: tuple[IdTable, IdTable],
    dtype: torch.dtype,
    done: int,
    maps: Path | None = None,
) -> Evaluation:
    """Test a network on all test images, in one pass.

    Args:
        context: context of the training.
        network: on its device.
        tables: raw id -> channel and channel -> raw id.
        dtype: precision of the passes.
        done: iterations of the training.
        maps: folder of the predictions chosen by `eval.save_maps`; None writes none.

    Raises:
        StageInterrupted: if the stage was asked to stop.
    """
    channel_of, raw_of = tables
    device, options = next(network.parameters()).device, context.config.eval
    groups = class_groups(raw_of.tolist()) if options.restrict else {}
    channels = {name: torch.tensor(group, device=device) for name, group in groups.items()}
    whole = ConfusionMatrix(network.num_classes, device)
    parts = {name: ConfusionMatrix(network.num_classes, device) for name in groups}
    writer = MapWriter(maps, map_kinds(options), context.datasets[TARGET].eval, raw_of) if maps is not None else None

    def seen(batch: Batch, logits: Tensor) -> None:
        labels, best = batch.labels.to(logits.device, non_blocking=True), logits.argmax(dim=1)
        whole.update(labels, best)
        for name, group in channels.items():
            parts[name].update(labels, group[logits[:, group].argmax(dim=1)])
        if writer is not None:
            writer.write(batch.items, best)

    pass_split(context, network, (channel_of, dtype), done, seen)
    return Evaluation(whole.matrix(), {name: part.matrix() for name, part in parts.items()})


def map_kinds(options: TestOptions) -> tuple[MapKind, ...]:
    """Return the kinds of maps chosen by `eval.save_maps`."""
    if options.save_maps == "none":
        return ()
    return ("ids", "colours") if options.save_maps == "both" else (options.save_maps,)
