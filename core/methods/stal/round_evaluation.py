"""The test at a round's end: scores of teacher and student, and the teacher's predictions as files (spec STAL 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.colour_map import palette_of
from core.data.exchange.names import safe_names
from core.data.exchange.pictures import colour_png
from core.data.label_ids import IdTable
from core.data.loaders import Batch
from core.data.samples import DenseDataset
from core.files import index_png, write_atomically
from core.methods.stal.config import StalConfig, TestOptions
from core.methods.stal.scores import class_groups
from core.methods.stal.testing import TestPass
from core.metrics.confusion import ConfusionMatrix
from core.models.deeplabv3plus import DeepLabV3Plus
from core.stage.context import StageContext


@dataclass(frozen=True)
class Evaluation:
    """(C, C) confusion over all test pixels, and for each group of classes that of its own classes' best alone."""

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
    """Test a network over all test images, each of which passes once.

    Args:
        context: of the training.
        network: on its device.
        tables: raw id -> channel and channel -> raw id.
        dtype: arithmetic of the passes.
        done: iterations of the training.
        maps: folder for the predictions, as `eval.save_maps` says; None writes none.

    Raises:
        StageInterrupted: when the stage was asked to stop.
    """
    channel_of, raw_of = tables
    device, options = next(network.parameters()).device, context.config.eval
    groups = class_groups(raw_of.tolist()) if options.restrict else {}
    channels = {name: torch.tensor(group, device=device) for name, group in groups.items()}
    whole = ConfusionMatrix(network.num_classes, device)
    parts = {name: ConfusionMatrix(network.num_classes, device) for name in groups}
    writer = MapWriter(maps, options, context.eval_set, raw_of) if maps is not None else None

    def seen(batch: Batch, logits: Tensor) -> None:
        labels, best = batch.labels.to(logits.device, non_blocking=True), logits.argmax(dim=1)
        whole.update(labels, best)
        for name, group in channels.items():
            parts[name].update(labels, group[logits[:, group].argmax(dim=1)])
        if writer is not None:
            writer.write(batch.items, best)

    TestPass(context, channel_of, dtype, done).through(network, seen)
    return Evaluation(whole.matrix(), {name: part.matrix() for name, part in parts.items()})


class MapWriter:
    """Writes predictions under the base names of their images: `ids/NAME.png` of raw ids, `colours/NAME.png`."""

    def __init__(self, folder: Path, options: TestOptions, dataset: DenseDataset, raw_of: IdTable) -> None:
        """Make the folders that `options.save_maps` asks for."""
        kinds = ("ids", "colours") if options.save_maps == "both" else (options.save_maps,)
        self._folders = {kind: folder / kind for kind in kinds if kind != "none"}
        for each in self._folders.values():
            each.mkdir(parents=True, exist_ok=True)
        names = safe_names(dataset.ids) if self._folders else {}
        self._names = [names.get(image, "") for image in dataset.ids]
        self._palette, self._raw_of = palette_of(dataset.classes), raw_of

    def write(self, items: npt.NDArray[np.int64], best: Tensor) -> None:
        """Write the best channels (B, H, W) of images, given by their places in the dataset."""
        if not self._folders:
            return
        for index, channels in zip(items, best.to(torch.uint8).cpu().numpy(), strict=True):
            labels, name = self._raw_of[channels], f"{self._names[index]}.png"
            if "ids" in self._folders:
                write_atomically(self._folders["ids"] / name, index_png(labels))
            if "colours" in self._folders:
                write_atomically(self._folders["colours"] / name, colour_png(labels, self._palette))
