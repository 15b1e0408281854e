"""Enhanced Instance Replay (CVPR 2025), step by step (EIR 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from core.data.loaders import BatchPlan, plan_batches
from core.engine.precision import resolve_precision
from core.engine.resumable import TrainingSetup, item_batches, train_resumably
from core.memory.instances import select_instances
from core.memory.store import InstanceMemory, load_memory
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.class_incremental.model_store import StoredModel
from core.methods.class_incremental.optimisation import build_optimizer, iterations_of, schedule_of
from core.methods.class_incremental.step_data import StepImages, open_training_images
from core.methods.class_incremental.step_model import (
    evaluate_step,
    grow_model,
    load_previous_model,
    random_start,
    step_of,
    store_step_model,
)
from core.methods.eir.config import EirConfig
from core.methods.eir.data import StepWithReplay, channels_of, memory_rules
from core.methods.eir.instance_bank import InstanceBank
from core.methods.eir.iteration import EirIteration, PasteDraws
from core.methods.eir.optional_terms import OptionalTerms
from core.methods.eir.paste_record import PasteRecord
from core.seeding import SeedComponent, numpy_generator
from core.stage.context import StageContext
from core.stage.events import MemoryPastes, MemorySnapshot
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind

MEMORY_OUTPUT = "memory"
PASTES, PROTOTYPES = "pastes", "prototypes"


def learn_step(context: StageContext[EirConfig]) -> StageResult:
    """Learn the classes of one continual step without forgetting the earlier ones."""
    step = step_of(context)
    previous = load_previous_model(context, step)
    memory = load_memory(context.inputs[MEMORY_OUTPUT]) if step.index else InstanceMemory()
    images = open_training_images(context, step, context.config.data)
    model = grow_model(context, context.config, previous)

    iterations, pastes = train_with_replay(context, model, previous, memory, images)
    memory = store_pastes(context, memory, pastes)
    evaluate_step(context, context.config, model, iterations)
    memory = renew_memory(context, memory, images)

    outputs = {
        "model": store_step_model(context, context.config, model),
        "memory": store_memory(context, memory),
    }
    return StageResult(outputs=outputs)


def train_with_replay(
    context: StageContext[EirConfig],
    model: SegmentationModel,
    previous: StoredModel | None,
    memory: InstanceMemory,
    images: StepImages,
) -> tuple[int, PasteRecord]:
    """Train on the step's images and the replayed instances; return the iterations and the record of pastes."""
    config, step = context.config, step_of(context)
    channel_of = channels_of(step)
    data = StepWithReplay(images, memory.entries, channel_of)
    batches, warning = plan_batches(
        len(data), config.optim.batch_size, run_seed=context.spec.seed, stage_index=context.spec.stage.index
    )
    if warning:
        context.events.log("warning", warning)
    optimizer = build_optimizer(model, config.optim, step.index)
    iterations = iterations_of(config.optim, batches)
    pastes = PasteRecord(memory.entries, data.name_of, config.execution.log_every)
    terms = OptionalTerms(config.loss, model, context.device)
    iteration = EirIteration(
        model=model,
        old_model=previous.build(context.device) if previous is not None else None,
        optimizer=optimizer,
        bank=InstanceBank(memory, channel_of, config.data),
        paste_draws=paste_draws(context, batches),
        style_draws=partial(numpy_generator, context.spec.seed, context.spec.stage.index, SeedComponent.PASTE),
        pastes=pastes,
        terms=terms,
        config=config,
        device=context.device,
        dtype=resolve_precision(config.execution.precision, context.device),
    )
    setup = TrainingSetup(
        model=model,
        optimizer=optimizer,
        schedule=schedule_of(config.optim, iterations, step.index),
        batches=batches,
        make_batches=item_batches(batches, data.item),
        name_of=data.name_of,
        deviations=random_start(config, step),
        hooks=(pastes,),
        tallies={PASTES: pastes} | ({PROTOTYPES: terms.prototypes} if config.loss.fc > 0 else {}),
        advice=config.advice_on_divergence(),
    )
    train_resumably(context, setup, iteration, config.execution)
    return iterations, pastes


def paste_draws(context: StageContext[EirConfig], batches: BatchPlan) -> PasteDraws:
    """Return the function that makes the pastes' generators from (run seed, stage, epoch, item)."""
    seed, stage = context.spec.seed, context.spec.stage.index

    def draws(done: int, items: Sequence[int]) -> list[np.random.Generator]:
        epoch = batches.epoch_of(done)
        return [numpy_generator(seed, stage, SeedComponent.PASTE, epoch, item) for item in items]

    return draws


def store_pastes(context: StageContext[EirConfig], memory: InstanceMemory, pastes: PasteRecord) -> InstanceMemory:
    """Emit the record of pastes; return the memory with the paste counts in its entries.

    The folder is not an output of the stage, because no later stage reads it.
    """
    if not memory.entries:
        return memory
    index = pastes.save(context.folder / ARTIFACT_DIR / PASTES)
    context.events.emit(MemoryPastes(path=index.relative_to(context.folder).as_posix()))
    times = pastes.times
    entries = [replace(entry, times_drawn=entry.times_drawn + times[entry.id]) for entry in memory.entries]
    return replace(memory, entries=tuple(entries))


def renew_memory(context: StageContext[EirConfig], memory: InstanceMemory, images: StepImages) -> InstanceMemory:
    """Choose the memory for the next step from this step's images and the memory so far.

    It is chosen in this stage, so that the next step does not need this step's images.
    """
    rules = memory_rules(context)
    draws = numpy_generator(context.spec.seed, context.spec.stage.index, SeedComponent.SELECTION)
    step = step_of(context)
    selection = select_instances(memory.entries, images.dataset, images.indices, step, rules, draws)
    for warning in selection.warnings:
        context.events.log("warning", warning)
    return InstanceMemory(selection.entries, rules.budget, selection.warnings, step.seen_classes)


def store_memory(context: StageContext[EirConfig], memory: InstanceMemory) -> str:
    """Write the memory to `artifacts/memory`; return this path, relative to the stage folder."""
    index = memory.save(context.folder / ARTIFACT_DIR / MEMORY_OUTPUT)
    path = index.relative_to(context.folder).as_posix()
    context.events.emit(MemorySnapshot(path=path, items=len(memory.entries), bytes=memory.size_bytes))
    return f"{ARTIFACT_DIR}/{MEMORY_OUTPUT}"


STAGES: Mapping[StageKind, StageFunction[EirConfig]] = {StageKind.TRAIN: learn_step}
