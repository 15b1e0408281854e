"""Fine-tuning: each step learns only from its own labels (EIR 8.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from core.data.loaders import Batch, plan_batches
from core.engine.loop import Values
from core.engine.precision import autocast, resolve_precision
from core.engine.resumable import TrainingSetup, item_batches, train_resumably
from core.engine.update import descend
from core.losses.cross_entropy import cross_entropy
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.class_incremental.optimisation import build_optimizer, iterations_of, schedule_of
from core.methods.class_incremental.step_data import open_training_images
from core.methods.class_incremental.step_model import (
    evaluate_step,
    grow_model,
    load_previous_model,
    random_start,
    step_of,
    store_step_model,
)
from core.methods.css_baselines.config import FinetuneConfig
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def learn_step(context: StageContext[FinetuneConfig]) -> StageResult:
    """Learn the classes of one continual step, without protection from forgetting."""
    config, step = context.config, step_of(context)
    previous = load_previous_model(context, step)
    images = open_training_images(context, step, config.data)
    batches, warning = plan_batches(
        len(images), config.optim.batch_size, run_seed=context.spec.seed, stage_index=context.spec.stage.index
    )
    if warning:
        context.events.log("warning", warning)
    model = grow_model(context, config, previous)
    optimizer = build_optimizer(model, config.optim, step.index, decay_old=True)
    iterations = iterations_of(config.optim, batches)
    setup = TrainingSetup(
        model=model,
        optimizer=optimizer,
        schedule=schedule_of(config.optim, iterations, step.index),
        batches=batches,
        make_batches=item_batches(batches, images.item),
        name_of=images.name_of,
        deviations=random_start(config, step),
        advice=config.advice_on_divergence(),
    )
    train_resumably(context, setup, training_iteration(context, model, optimizer), config.execution)
    evaluate_step(context, config, model, iterations)
    return StageResult(outputs={"model": store_step_model(context, config, model)})


def training_iteration(
    context: StageContext[FinetuneConfig], model: SegmentationModel, optimizer: torch.optim.Optimizer
) -> Callable[[Batch, int], Values]:
    """Return the function that does one iteration: softmax cross-entropy with old and future classes as background."""
    device, config = context.device, context.config
    dtype = resolve_precision(config.execution.precision, device)

    def iterate(batch: Batch, _done: int) -> Values:
        with autocast(device, dtype):
            logits = model(batch.images.to(device, non_blocking=True))
        loss = cross_entropy(logits, batch.labels.to(device, non_blocking=True))
        return descend(optimizer, loss, config.optim.clip_norm)

    return iterate


STAGES: Mapping[StageKind, StageFunction[FinetuneConfig]] = {StageKind.TRAIN: learn_step}
