"""Training on a domain beside frozen SAM: batches, iteration and the resumable loop (CoSAM 5, 6)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.data.loaders import BatchPlan, plan_batches
from core.data.prefetch import prefetched
from core.engine.loop import Values
from core.engine.precision import autocast, resolve_precision
from core.engine.resumable import TrainingSetup, train_resumably
from core.engine.schedules import StepSchedule
from core.engine.update import descend
from core.engine.validation import ValidationHook
from core.frozen_parts import FrozenPart
from core.losses.mask_points import Uniform, uniform_points
from core.methods.promptable.config import TrainedConfig
from core.methods.promptable.images import MaskedImages, training_item
from core.methods.promptable.objectives import LearningBatch, Objective
from core.models.sam.encoder import ImageFeatures
from core.models.sam.frozen import FrozenSam
from core.models.sam.prompt_encoding import PromptValues, group_prompts
from core.seeding import SeedComponent, derive_seed
from core.stage.context import StageContext

T = TypeVar("T", bound=TrainedConfig)
FROZEN = "sam"
WORKERS = 1


class ViewBatch(NamedTuple):
    """The batch of an iteration.

    Attributes:
        images: (B, 3, S, S) uint8.
        targets: (B, 1, S, S) float32 in [0, 1].
        prompts: prompts of the images, in groups.
        items: (B,) positions of the images in the training set.
    """

    images: Tensor
    targets: Tensor
    prompts: list[PromptValues]
    items: npt.NDArray[np.int64]


class Learner(nn.Module):
    """Frozen SAM and the learned module. A checkpoint names SAM by digest and holds the learned module."""

    def __init__(self, sam: FrozenSam, learned: nn.Module, kept: nn.Module | None = None) -> None:
        """Combine both modules; `kept` is a further module that checkpoints hold but the optimiser does not change."""
        super().__init__()
        self.sam, self.learned, self.kept = sam.sam, learned, kept if kept is not None else nn.Module()


@dataclass(frozen=True)
class Lesson:
    """A training: the learned module, its images and its objective.

    Attributes:
        sam: frozen SAM on the device.
        learned: module to train, on the device.
        images: the training set.
        objective: the objective to minimise.
        lr: learning rate.
        deviations: deviations from the publication that the config does not show.
        kept: see `Learner`.
        validation: returns the hook that tests the model between epochs.
    """

    sam: FrozenSam
    learned: nn.Module
    images: MaskedImages
    objective: Objective
    lr: float
    deviations: tuple[str, ...] = ()
    kept: nn.Module | None = None
    validation: Callable[[BatchPlan], ValidationHook] | None = None


def learn(context: StageContext[T], lesson: Lesson) -> int:
    """Train to the last iteration, starting from the newest checkpoint; return the number of iterations.

    Raises:
        StageInterrupted: if the stage was asked to stop.
        NonFiniteLossError: if the loss is NaN or infinite.
        ConfigError: if there is no image.
    """
    config, spec = context.config, context.spec
    plan, warning = plan_batches(
        len(lesson.images), config.optim.batch_size, run_seed=spec.seed, stage_index=spec.stage.index
    )
    if warning:
        context.events.log("warning", warning)
    total = config.optim.iterations or config.optim.epochs * plan.per_epoch
    groups = [{"params": list(lesson.learned.parameters()), "base_lr": lesson.lr}]
    optimizer = torch.optim.Adam(groups, lr=lesson.lr)
    tests = None if lesson.validation is None else lesson.validation(plan)
    setup = TrainingSetup(
        model=Learner(lesson.sam, lesson.learned, lesson.kept),
        optimizer=optimizer,
        schedule=StepSchedule(total, plan.per_epoch, config.optim.lr_drop_epoch),
        batches=plan,
        make_batches=lambda done, end: view_batches(plan, lesson, config, done, end),
        name_of=lesson.images.name_of,
        deviations=lesson.deviations,
        hooks=() if tests is None else (tests,),
        tallies={} if tests is None else {"validation": tests},
        advice=config.advice_on_divergence(),
        frozen=(FrozenPart(FROZEN, lesson.sam.weights),),
    )
    train_resumably(context, setup, _iteration(context, lesson, optimizer), config.execution)
    return total


def view_batches(
    plan: BatchPlan, lesson: Lesson, config: TrainedConfig, start: int, end: int
) -> Generator[ViewBatch, None, None]:
    """Yield the batches of iterations start … end − 1. Each batch is a function of its iteration."""
    calls = (partial(_view_batch, plan, lesson, config, iteration) for iteration in range(start, end))
    return prefetched(calls, WORKERS, ahead=WORKERS + 1)


def learning_batch(
    sam: FrozenSam, batch: ViewBatch, points: Iterator[Uniform], config: TrainedConfig, device: torch.device
) -> LearningBatch:
    """Encode a batch with SAM for the objectives. Nothing is cached, because no view repeats."""
    dtype = resolve_precision(config.execution.precision, device)
    with autocast(device, dtype):
        features = sam.encode(batch.images.to(device, non_blocking=True))
    whole = ImageFeatures(features.embeddings.float(), features.early.float())
    targets = batch.targets.to(device, non_blocking=True)
    return LearningBatch(sam.prompted(whole, batch.prompts), targets, partial(next, points), config.optim.points)


def point_sources(context: StageContext[Any], iteration: int) -> Iterator[Uniform]:
    """Yield the sources of an iteration's points, one per call of a loss."""
    spec, device = context.spec, context.device
    call = 0
    while True:
        seed = derive_seed(spec.seed, spec.stage.index, SeedComponent.POINTS, iteration, call)
        yield uniform_points(torch.Generator(device).manual_seed(seed), device)
        call += 1


def _iteration(
    context: StageContext[T], lesson: Lesson, optimizer: torch.optim.Optimizer
) -> Callable[[ViewBatch, int], Values]:
    config, device = context.config, context.device

    def iterate(batch: ViewBatch, done: int) -> Values:
        learned_from = learning_batch(lesson.sam, batch, point_sources(context, done), config, device)
        values = lesson.objective(learned_from)
        shown = {name: value.detach() for name, value in values.items() if name != "loss"}
        shown["empty_views"] = (learned_from.targets.amax(dim=(1, 2, 3)) == 0).float().mean()
        return {**descend(optimizer, values["loss"], config.optim.clip_norm), **shown}

    return iterate


def _view_batch(plan: BatchPlan, lesson: Lesson, config: TrainedConfig, iteration: int) -> ViewBatch:
    numbers = plan.items(iteration)
    views = [
        training_item(
            *lesson.images.read(int(number)),
            plan.augmentation(iteration, int(number)),
            config.data,
            lesson.sam.size,
        )
        for number in numbers
    ]
    return ViewBatch(
        torch.stack([view.image for view in views]),
        torch.stack([view.target for view in views]),
        group_prompts([view.prompt for view in views]),
        numbers,
    )
