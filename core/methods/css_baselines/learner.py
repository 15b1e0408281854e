"""A continual step in training, as every baseline sees it: its networks, its data, and how they are trained (EIR 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from core.checkpoint import Accumulator
from core.data.loaders import Batch, BatchPlan, Item, plan_batches
from core.engine.loop import Values
from core.engine.precision import autocast, resolve_precision
from core.engine.resumable import TrainingSetup, item_batches, train_resumably
from core.engine.update import descend
from core.methods.class_incremental.growing_model import Maps, Outputs, SegmentationModel
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
from core.methods.css_baselines.config import BaselineConfig
from core.stage.context import StageContext
from core.stage.result import StageResult
from core.streams.step import Step

C = TypeVar("C", bound=BaselineConfig)
Terms = Mapping[str, Tensor]
"""Name -> weighted term of the loss, a scalar with gradient; their sum is minimised."""
Objective = Callable[[Tensor, Tensor], Terms]
"""(images (B, 3, H, W), labels (B, H, W) int64 channels or 255), both on the device -> terms of the loss."""


class TrainingItems(Protocol):
    """What a step trains on: its images, and where a method replays, entries of its memory."""

    def __len__(self) -> int: ...
    def item(self, position: int, generator: np.random.Generator) -> Item:
        """Return one augmented item and its label as channels."""

    def name_of(self, position: int) -> str:
        """Return the id of an item."""


@dataclass(frozen=True, eq=False)
class Learner(Generic[C]):
    """The networks and data of a step.

    Attributes:
        context: context of the stage.
        step: the continual step.
        model: the model to train.
        old_model: frozen model of the previous step; None at the base step.
        items: what is trained on.
        batches: assigns items to batches.
        dtype: precision of forward passes.
    """

    context: StageContext[C]
    step: Step
    model: SegmentationModel
    old_model: SegmentationModel | None
    items: TrainingItems
    batches: BatchPlan
    dtype: torch.dtype

    @property
    def config(self) -> C:
        """The method's settings."""
        return self.context.config

    @property
    def num_old(self) -> int:
        """T: old channels with the background."""
        return 1 + len(self.step.old_classes)

    def outputs(self, images: Tensor) -> Outputs:
        """Return features and logits of the model."""
        with autocast(self.context.device, self.dtype):
            return self.model.outputs(images)

    def maps(self, images: Tensor) -> Maps:
        """Return the model's maps of every stage."""
        with autocast(self.context.device, self.dtype):
            return self.model.maps(images)

    @torch.no_grad()
    def old_outputs(self, old_model: SegmentationModel, images: Tensor) -> Outputs:
        """Return features and logits of the old model, without gradient."""
        with autocast(self.context.device, self.dtype):
            return old_model.outputs(images)

    def old_logits(self, old_model: SegmentationModel, images: Tensor) -> Tensor:
        """Return logits of the old model, without gradient."""
        return self.old_outputs(old_model, images).logits

    @torch.no_grad()
    def old_maps(self, old_model: SegmentationModel, images: Tensor) -> Maps:
        """Return the old model's maps of every stage, without gradient."""
        with autocast(self.context.device, self.dtype):
            return old_model.maps(images)


def open_learner(context: StageContext[C], items: TrainingItems | None = None) -> Learner[C]:
    """Open the data of a step and grow its model from the previous one.

    Args:
        context: context of the stage.
        items: what to train on, if that is more than the step's images.
    """
    step, config = step_of(context), context.config
    previous = load_previous_model(context, step)
    items = open_training_images(context, step, config.data) if items is None else items
    batches, warning = plan_batches(
        len(items), config.optim.batch_size, run_seed=context.spec.seed, stage_index=context.spec.stage.index
    )
    if warning:
        context.events.log("warning", warning)
    return Learner(
        context=context,
        step=step,
        model=grow_model(context, config, previous),
        old_model=None if previous is None else previous.build(context.device),
        items=items,
        batches=batches,
        dtype=resolve_precision(config.execution.precision, context.device),
    )


def train_learner(
    learner: Learner[C],
    objective: Objective,
    tallies: Mapping[str, Accumulator] | None = None,
    optimizer: torch.optim.Optimizer | None = None,
) -> int:
    """Minimise an objective over the step's iterations; return their number.

    Args:
        learner: the step.
        objective: terms of the loss.
        tallies: name -> state of the method that checkpoints hold.
        optimizer: of the method; by default that of `build_optimizer`.
    """
    config, step = learner.config, learner.step
    if optimizer is None:
        optimizer = build_optimizer(learner.model, config.optim, step.index, decay_old=config.decays_old_weights)
    iterations = iterations_of(config.optim, learner.batches)
    setup = TrainingSetup(
        model=learner.model,
        optimizer=optimizer,
        schedule=schedule_of(config.optim, iterations, step.index),
        batches=learner.batches,
        make_batches=item_batches(learner.batches, learner.items.item),
        name_of=learner.items.name_of,
        deviations=random_start(config, step),
        tallies=tallies or {},
        advice=config.advice_on_divergence(),
    )
    train_resumably(learner.context, setup, _iteration(learner, objective, optimizer), config.execution)
    return iterations


def learn_step(context: StageContext[C], objective_of: Callable[[Learner[C]], Objective]) -> StageResult:
    """Learn the classes of one continual step, test on all classes seen, store the model.

    Args:
        context: context of the stage.
        objective_of: makes the method's loss.
    """
    learner = open_learner(context)
    iterations = train_learner(learner, objective_of(learner))
    evaluate_step(context, context.config, learner.model, iterations)
    return StageResult(outputs={"model": store_step_model(context, context.config, learner.model)})


def _iteration(
    learner: Learner[C], objective: Objective, optimizer: torch.optim.Optimizer
) -> Callable[[Batch, int], Values]:
    device, clip_norm = learner.context.device, learner.config.optim.clip_norm

    def iterate(batch: Batch, _done: int) -> Values:
        images = batch.images.to(device, non_blocking=True)
        labels = batch.labels.to(device, non_blocking=True)
        terms = objective(images, labels)
        values = descend(optimizer, torch.stack(list(terms.values())).sum(), clip_norm)
        if len(terms) == 1:
            return values
        return values | {f"loss_{name}": term.detach() for name, term in terms.items()}

    return iterate
