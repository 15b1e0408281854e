"""A stage's training from its newest intact checkpoint to its last iteration: the loop with all its hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from core.checkpoint import Accumulator, AttachedFiles, TrainingState, load_newest, save_checkpoint
from core.data.loaders import Batch, BatchPlan, TrainingItem, training_batches
from core.engine.hooks import (
    CheckpointHook,
    FiniteLossHook,
    MetricsHook,
    Pace,
    ProgressHook,
    ScheduleHook,
    SeedHook,
)
from core.engine.loop import Hook, Values, train
from core.engine.schedules import Schedule
from core.engine.sections import ExecutionConfig
from core.errors import DataError
from core.frozen_parts import FrozenPart
from core.models.parameters import parameter_count
from core.seeding import SeedComponent, derive_seed
from core.stage.code_version import code_version
from core.stage.context import StageContext
from core.stage.events import CheckpointWritten, Started
from core.stage.folder import CHECKPOINT_DIR

PHASE = "train"
Save = Callable[[int], None]
"""(finished iterations) -> writes a checkpoint; replaces one of the same iteration."""
LOG_LINES = 20
"""Approximate number of loss lines in a stage's log."""


@dataclass(frozen=True)
class TrainingSetup:
    """A model, its training data, and the method's parts of the training.

    Attributes:
        model: on its device.
        optimizer: optimiser of the model's parameters.
        schedule: learning-rate factor of each iteration; its length is the stage's.
        batches: assigns items to batches.
        make_batches: (finished iterations, iterations of the stage) -> the remaining batches; see `item_batches`.
        name_of: number of an item -> its id.
        deviations: deviations from the publication that the config does not show.
        hooks: the method's hooks; called before a checkpoint is written.
        tallies: name -> counter of the method; checkpoints hold its state.
        advice: what to change if the loss is not finite.
        frozen: parts of the model that do not change; checkpoints refer to them but do not contain them.
        attached: files that the training makes and needs after a resume.
        keeps: finished iterations -> whether to write a checkpoint in addition to the config's.
        use_saver: receives the function that writes a checkpoint, for long work between two iterations.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    batches: BatchPlan
    make_batches: Callable[[int, int], Iterable[Any]]
    name_of: Callable[[int], str]
    deviations: tuple[str, ...] = ()
    hooks: tuple[Hook, ...] = ()
    tallies: Mapping[str, Accumulator] = field(default_factory=dict)
    advice: str = ""
    frozen: tuple[FrozenPart, ...] = ()
    attached: AttachedFiles | None = None
    keeps: Callable[[int], bool] = lambda _done: False
    use_saver: Callable[[Save], None] = lambda _save: None


def item_batches(batches: BatchPlan, item: TrainingItem) -> Callable[[int, int], Iterable[Batch]]:
    """Return a `make_batches` that loads batches item by item."""
    return lambda done, total: training_batches(batches, item, done, total)


def train_resumably(
    context: StageContext[Any],
    setup: TrainingSetup,
    step: Callable[[Any, int], Values],
    execution: ExecutionConfig,
) -> None:
    """Train to the last iteration, starting from the newest checkpoint of this or an earlier attempt.

    Args:
        context: context of the stage.
        setup: the model and its data.
        step: forward, backward and update; see `train`.
        execution: intervals of logging and saving.

    Raises:
        StageInterrupted: if the stage was asked to stop; a checkpoint holds the progress.
        NonFiniteLossError: if the loss is NaN or infinite.
    """
    spec, total = context.spec, setup.schedule.iterations
    said_every = execution.log_every * max(1, total // (LOG_LINES * execution.log_every))
    metrics = MetricsHook(
        context.events, execution.log_every, lambda: setup.optimizer.param_groups[0]["lr"], said_every
    )
    state = TrainingState(setup.model, setup.optimizer, metrics, setup.tallies, setup.frozen, setup.attached)
    done = _resume(context, state)
    _announce(context, setup, done)

    def save(iteration: int) -> None:
        stored = save_checkpoint(
            context.folder / CHECKPOINT_DIR, iteration, spec.identity(), state, context.data_digests
        )
        path = stored.path.relative_to(context.folder).as_posix()
        context.events.emit(CheckpointWritten(iteration=iteration, path=path, files=stored.files, bytes=stored.bytes))

    setup.use_saver(save)
    finite = FiniteLossHook(context.device, execution.log_every, setup.name_of, setup.advice)
    pace = Pace(PHASE, total, setup.batches.batch_size, setup.batches.per_epoch)
    hooks = [
        ScheduleHook(setup.optimizer, setup.schedule),
        SeedHook(lambda iteration: derive_seed(spec.seed, spec.stage.index, SeedComponent.DROPOUT, iteration)),
        finite,
        metrics,
        ProgressHook(context.events, pace, execution.log_every),
        *setup.hooks,
        CheckpointHook(save, _checkpoint_times(setup, execution), context.stop, finite.check),
    ]
    train(step, setup.make_batches(done, total), total, hooks, done)


def _checkpoint_times(setup: TrainingSetup, execution: ExecutionConfig) -> Callable[[int], bool]:
    return lambda done: done % execution.checkpoint_every == 0 or setup.keeps(done)


def _resume(context: StageContext[Any], state: TrainingState) -> int:
    folders = (context.folder / CHECKPOINT_DIR, *context.resume_dirs)
    checkpoint = load_newest(folders, context.spec.identity(), lambda text: context.events.log("warning", text))
    if checkpoint is None:
        return 0
    _require_same_data(checkpoint.record.data, context.data_digests, checkpoint.iteration)
    checkpoint.restore(state)
    return checkpoint.iteration


def _require_same_data(before: Mapping[str, str], now: Mapping[str, str], iteration: int) -> None:
    """Raise DataError, naming the splits, if the data differ from those of the checkpoint."""
    changed = sorted(name for name in before.keys() & now.keys() if before[name] != now[name])
    if changed:
        raise DataError(
            f"the data have changed since iteration {iteration}: {', '.join(changed)} has other classes, images or "
            "labels now; put them back and resume, or start a new run, which begins with the data as they are"
        )


def _announce(context: StageContext[Any], setup: TrainingSetup, done: int) -> None:
    started = Started(
        device=str(context.device),
        code_version=code_version(),
        resumed_iteration=done or None,
        parameters=parameter_count(setup.model),
        deviations=list(setup.deviations),
    )
    context.events.emit(started)
    plan, total = setup.batches, setup.schedule.iterations
    begun = f"resumes after iteration {done} of" if done else "trains"
    context.events.log(
        "info",
        f"{begun} {total} iterations of {plan.batch_size} images, {plan.per_epoch} an epoch, on {context.device}; "
        f"{started.parameters:,} parameters",
    )
    for deviation in setup.deviations:
        context.events.log("info", f"deviates from the publication: {deviation}")
