"""Setup of any detector's training: data, batches, optimiser and schedule (SemSeg 5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from core.data.catalog import ADAPTERS, ObjectListingAdapter
from core.data.decoding import image_size
from core.data.pairing import PairedFiles
from core.data.presence import PRESENCE_DIR, scan_presence
from core.data.samples import InstanceDataset
from core.engine.resumable import TrainingSetup
from core.engine.schedules import MilestoneSchedule
from core.errors import ConfigError
from core.methods.semseg.config import DetectorConfig
from core.methods.semseg.data import GroupedBatchPlan, TrainingData, group_by_shape
from core.methods.semseg.testing import Finder, Tester
from core.methods.semseg.validation import validation
from core.stage.context import StageContext
from core.streams.base import MAIN


def training_setup(
    context: StageContext[Any], config: DetectorConfig, model: nn.Module, known: tuple[int, ...], find: Finder
) -> tuple[TrainingSetup, torch.optim.Optimizer]:
    """Return the training setup and the optimiser.

    Args:
        context: context of the stage.
        config: config of the method.
        model: model on its device.
        known: raw ids of the known classes.
        find: finds candidates with the model, for tests between iterations.

    Raises:
        ConfigError: if no training image shows a known class.
    """
    data = _training_data(context, config, known)
    batches = _plan_batches(context, config, data)
    scale, options = config.schedule_scale, config.optim
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    lr = options.lr / scale
    optimizer = torch.optim.SGD(
        [{"params": trained, "base_lr": lr}], lr=lr, momentum=options.momentum, weight_decay=options.weight_decay
    )
    milestones = tuple(round(milestone * scale) for milestone in options.milestones)
    tests = validation(context, Tester(find, config, known, context.device))
    setup = TrainingSetup(
        model=model,
        optimizer=optimizer,
        schedule=MilestoneSchedule(config.iterations, milestones, round(options.warmup_iterations * scale)),
        batches=batches,
        make_batches=data.batches(batches),
        name_of=data.name_of,
        deviations=_deviations(config),
        hooks=(tests,) if tests else (),
        tallies={"validation": tests} if tests else {},
        advice=config.advice_on_divergence(),
    )
    return setup, optimizer


def _training_data(context: StageContext[Any], config: DetectorConfig, known: tuple[int, ...]) -> TrainingData:
    dataset = context.datasets[MAIN].train
    presence = scan_presence(dataset, Path(context.spec.data_home) / PRESENCE_DIR)
    items = np.flatnonzero((presence.pixels[:, list(known)] > 0).any(axis=1))
    adapter = ADAPTERS[context.datasets[MAIN].folder.adapter].load()
    if isinstance(adapter, ObjectListingAdapter):
        # An image whose known objects are all crowds teaches nothing.
        pairs = cast(PairedFiles, dataset).pairs
        items = np.array([i for i in items.tolist() if adapter.object_classes(pairs[i]) & set(known)], np.int64)
    if not len(items):
        raise ConfigError("no training image shows a known class; name others in `known`", "/stream/known")
    return TrainingData(
        cast(InstanceDataset, dataset), items, known, config.data, config.model.weights_style, config.mask_targets
    )


def _plan_batches(context: StageContext[Any], config: DetectorConfig, data: TrainingData) -> GroupedBatchPlan:
    pairs = cast(PairedFiles, context.datasets[MAIN].train).pairs
    sizes = [image_size(pairs[int(index)].image) for index in data.items]
    return GroupedBatchPlan(
        num_items=len(data.items),
        batch_size=config.optim.batch_size,
        run_seed=context.spec.seed,
        stage_index=context.spec.stage.index,
        groups=group_by_shape(sizes),
    )


def _deviations(config: DetectorConfig) -> tuple[str, ...]:
    if config.model.name == "resnet50" and config.model.backbone_weights is None:
        return ("the backbone starts from random weights, not from ImageNet's",)
    return ()
