"""Training and test images of one continual step, with labels as network channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.data.classes import ClassTable
from core.data.image_cache import CachedDataset
from core.data.loaders import Batch, Item, evaluation_batches
from core.data.opening import OpenedDataset
from core.data.presence import PRESENCE_DIR, ClassPresence, scan_presence
from core.data.samples import DenseDataset
from core.data.transforms.presets import eir_eval, eir_train
from core.engine.testing import unless_stopped
from core.errors import ConfigError
from core.methods.class_incremental.config import DataConfig, EvalConfig
from core.stage.context import StageContext
from core.streams.base import MAIN
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.masking import LabelUse, LookupTable
from core.streams.selection import Split
from core.streams.step import Step


@dataclass(frozen=True)
class StepImages:
    """Training images of a step, with labels as network channels.

    Attributes:
        dataset: the whole training split.
        indices: positions of the step's images in the split.
        table: raw id -> channel in the step's training labels.
        config: crop and augmentation.
    """

    dataset: DenseDataset
    indices: Sequence[int]
    table: LookupTable
    config: DataConfig

    def __len__(self) -> int:
        return len(self.indices)

    def item(self, position: int, generator: np.random.Generator) -> Item:
        """Return one augmented image and its label as channels."""
        index = self.indices[position]
        view = eir_train(self.dataset.image(index), self.dataset.label(index), generator, self.config)
        return view.image, torch.from_numpy(self.table[view.label.numpy()])

    def name_of(self, position: int) -> str:
        """Return the id of one image."""
        return self.dataset.ids[self.indices[position]]


def stream_of(context: StageContext[Any]) -> ClassIncrementalStream:
    """Return the stage's class-incremental stream; raise ConfigError if the stream is of another kind."""
    if not isinstance(context.stream, ClassIncrementalStream):
        raise ConfigError(
            f"method {context.spec.method!r} learns classes step by step and cannot follow a stream of kind "
            f"{context.stream.kind!r}; give one of kind 'class_incremental'",
            "/stream/kind",
        )
    return context.stream


def dataset_of(context: StageContext[Any]) -> OpenedDataset[DenseDataset]:
    """Return the dataset of continual steps."""
    return context.datasets[MAIN]


def open_training_images(context: StageContext[Any], step: Step, config: DataConfig) -> StepImages:
    """Open the training images of a step.

    Raises:
        ConfigError: if a step of the stream has no image.
        DataError: when a label cannot be read.
    """
    stream = stream_of(context)
    dataset = dataset_of(context).train
    presence = presence_in(dataset, context)
    stream.require_images(presence)
    return StepImages(
        dataset=CachedDataset(dataset, config.cache_mib),
        indices=stream.items(step.index, presence).tolist(),
        table=stream.label_table(step, LabelUse.TRAIN, dataset.classes),
        config=config,
    )


def open_test_batches(
    context: StageContext[Any], step: Step, data: DataConfig, evaluation: EvalConfig, done: int
) -> Iterator[Batch]:
    """Yield the test images of all classes seen, in order, in batches.

    Args:
        context: context of the stage.
        step: the model is tested after this step.
        data: gives the crop size.
        evaluation: gives the mode (crop or whole images) and the batch size.
        done: iterations in the last checkpoint; reported if the stage is asked to stop.

    Raises:
        StageInterrupted: if the stage was asked to stop.
    """
    dataset, stream = dataset_of(context).eval, stream_of(context)
    table = stream.label_table(step, LabelUse.TEST, dataset.classes)
    indices = stream.items(step.index, presence_in(dataset, context), Split.TEST).tolist()

    def item(index: int) -> Item:
        image, label = eir_eval(dataset.image(index), dataset.label(index), data.crop_px, evaluation.mode)
        return image, torch.from_numpy(table[label.numpy()])

    yield from unless_stopped(evaluation_batches(item, indices, evaluation.batch_size), context.stop, done)


def presence_in(dataset: DenseDataset, context: StageContext[Any]) -> ClassPresence:
    """Return which classes occur in which images of a split. The scan is stored for other stages."""
    return scan_presence(dataset, Path(context.spec.data_home) / PRESENCE_DIR)


def has_background(classes: ClassTable) -> bool:
    """Return whether a dataset has a background, that is pixels of no class."""
    return classes.background_id is not None
