"""SemSeg: learn the known classes, then find known and unknown objects (SemSeg 4 to 6)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
import torch

from core.data.decoding import image_size
from core.data.pairing import PairedFiles
from core.data.presence import PRESENCE_DIR, scan_presence
from core.data.samples import InstanceDataset
from core.engine.resumable import TrainingSetup, train_resumably
from core.engine.schedules import MilestoneSchedule
from core.errors import ConfigError
from core.methods.semseg.config import SemsegConfig
from core.methods.semseg.data import GroupedBatchPlan, TrainingData, group_by_shape
from core.methods.semseg.evaluation import evaluate_dataset
from core.methods.semseg.iteration import TrainingIteration
from core.methods.semseg.model_files import ModelRecord, load_model, store_model
from core.methods.semseg.networks import build_detector
from core.methods.semseg.plan import MODEL
from core.methods.semseg.score_rows import together
from core.methods.semseg.testing import Tester
from core.models.openset.detector import OpenSetDetector
from core.seeding import SeedComponent, derive_seed
from core.stage.context import StageContext
from core.stage.events import EvaluationRecord, Score, Scores
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from core.streams.base import MAIN
from core.streams.open_set import OpenSetStream

TESTED = "eval"


def learn(context: StageContext[SemsegConfig]) -> StageResult:
    """Train the detector on the objects of known classes; unknown ones are visible, and unlabelled."""
    config, classes = context.config, context.datasets[MAIN].classes
    known = _stream(context).split_of(classes).known
    seed = derive_seed(context.spec.seed, context.spec.stage.index, SeedComponent.INIT)
    model = build_detector(config.model, len(known), seed).to(context.device)
    setup, optimizer = _setup(context, model, known)
    train_resumably(context, setup, TrainingIteration(model, optimizer, config, context.device), config.execution)
    names = {raw_id: classes.names[raw_id] for raw_id in known}
    record = ModelRecord(options=config.model, known=names, iterations=config.iterations)
    store_model(context.folder / ARTIFACT_DIR / MODEL, model, record)
    return StageResult(outputs={MODEL: f"{ARTIFACT_DIR}/{MODEL}"})


def _setup(
    context: StageContext[SemsegConfig], model: OpenSetDetector, known: tuple[int, ...]
) -> tuple[TrainingSetup, torch.optim.Optimizer]:
    config = context.config
    data = _training_data(context, known)
    batches = _plan_batches(context, data)
    scale, options = config.schedule_scale, config.optim
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    lr = options.lr / scale
    optimizer = torch.optim.SGD(
        [{"params": trained, "base_lr": lr}], lr=lr, momentum=options.momentum, weight_decay=options.weight_decay
    )
    milestones = tuple(round(milestone * scale) for milestone in options.milestones)
    setup = TrainingSetup(
        model=model,
        optimizer=optimizer,
        schedule=MilestoneSchedule(config.iterations, milestones, round(options.warmup_iterations * scale)),
        batches=batches,
        make_batches=data.batches(batches),
        name_of=data.name_of,
        deviations=_deviations(config),
        advice=config.advice_on_divergence(),
    )
    return setup, optimizer


def _training_data(context: StageContext[SemsegConfig], known: tuple[int, ...]) -> TrainingData:
    dataset = context.datasets[MAIN].train
    presence = scan_presence(dataset, Path(context.spec.data_home) / PRESENCE_DIR)
    items = np.flatnonzero((presence.pixels[:, list(known)] > 0).any(axis=1))
    if not len(items):
        raise ConfigError("no training image shows a known class; name others in `known`", "/stream/known")
    return TrainingData(
        cast(InstanceDataset, dataset), items, known, context.config.data, context.config.model.weights_style
    )


def _plan_batches(context: StageContext[SemsegConfig], data: TrainingData) -> GroupedBatchPlan:
    pairs = cast(PairedFiles, context.datasets[MAIN].train).pairs
    sizes = [image_size(pairs[int(index)].image) for index in data.items]
    return GroupedBatchPlan(
        num_items=len(data.items),
        batch_size=context.config.optim.batch_size,
        run_seed=context.spec.seed,
        stage_index=context.spec.stage.index,
        groups=group_by_shape(sizes),
    )


def _deviations(config: SemsegConfig) -> tuple[str, ...]:
    if config.model.name == "resnet50" and config.model.backbone_weights is None:
        return ("the backbone starts from random weights, not from ImageNet's",)
    return ()


def evaluate(context: StageContext[SemsegConfig]) -> StageResult:
    """Find the objects of every test set, and score them one by one and together."""
    model, record = load_model(context.inputs[MODEL], context.device)
    stream = _stream(context)
    tester = Tester(model, context.config, tuple(record.known), context.device)
    names = [name for name, opened in context.datasets.items() if TESTED in opened.splits]
    rows: list[list[Score]] = []
    for name in names:
        domain = name if len(names) > 1 else None
        split = stream.split_of(context.datasets[name].classes)
        tested = evaluate_dataset(context, tester, name, split, domain)
        _tell(context, domain, tested.scores, tested.records)
        rows.append(tested.scores)
        context.events.log("info", f"{name}: {tested.regions_per_image:.0f} regions an image went through the heads")
    if len(names) > 1:
        _tell(context, None, together(rows), [])
    return StageResult(outputs={})


def _tell(
    context: StageContext[SemsegConfig], domain: str | None, rows: list[Score], records: list[EvaluationRecord]
) -> None:
    context.events.tell_scores(
        Scores(
            split="val",
            domain=domain,
            step=context.spec.stage.step,
            iteration=context.config.iterations,
            scores=rows,
            records=records,
        )
    )


def _stream(context: StageContext[SemsegConfig]) -> OpenSetStream:
    assert isinstance(context.stream, OpenSetStream)
    return context.stream


STAGES: Mapping[StageKind, StageFunction[SemsegConfig]] = {StageKind.TRAIN: learn, StageKind.EVALUATE: evaluate}
