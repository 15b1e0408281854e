"""Setup of a round's training: networks, optimiser and batches (STAL 3 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from core.acquisition.round_data import RoundData
from core.data.classes import IGNORE_INDEX
from core.data.label_ids import IdTable
from core.data.loaders import BatchPlan, plan_batches
from core.engine.precision import resolve_precision
from core.engine.resumable import TrainingSetup
from core.engine.schedules import CosineSchedule, PolySchedule, Schedule
from core.methods.stal.config import StalConfig
from core.methods.stal.data import BatchMaker, StalImages
from core.methods.stal.iteration import StalIteration
from core.methods.stal.labelled_step import LabelledStep
from core.methods.stal.losses import CITYSCAPES_WEIGHTS, RARE_CLASSES
from core.methods.stal.mean_teacher import MeanTeacher
from core.methods.stal.mixed_step import MixedStep
from core.methods.stal.mixing import Mixer
from core.methods.stal.networks import build_network
from core.methods.stal.ripu_iteration import RipuIteration
from core.methods.stal.round_data import at_target_size
from core.methods.stal.schedules import Position, Timetable
from core.methods.stal.state import StalState
from core.methods.stal.testing import validation
from core.methods.stal.u2pl_iteration import U2plIteration
from core.models.deeplabv3plus import DeepLabV3Plus
from core.seeding import SeedComponent, derive_seed, numpy_generator, torch_generator
from core.stage.context import StageContext
from core.streams.active_rounds import TARGET

RoundIteration = StalIteration | U2plIteration | RipuIteration


def build_state(context: StageContext[StalConfig], num_classes: int, num_unlabelled: int) -> StalState:
    """Return student, teacher and banks at the start of a round, on the device.

    Raises:
        ConfigError: if a file of weights cannot be used.
    """
    spec, config = context.spec, context.config
    seed = derive_seed(spec.seed, spec.stage.index, SeedComponent.INIT)
    student = build_network(config.model, num_classes, seed, partial(context.events.log, "warning"))
    generator = torch_generator(spec.seed, spec.stage.index, SeedComponent.INIT, 1)
    state = StalState(student, num_unlabelled, config.contrast, generator)
    state.to(context.device)
    return state


def build_optimizer(student: DeepLabV3Plus, config: StalConfig) -> torch.optim.Optimizer:
    """Return the student's optimiser: `lr` for the encoder, `head_lr_factor` times that for decoder and auxiliary."""
    options = config.optim
    rates = {"encoder": options.lr, "heads": options.lr * options.head_lr_factor}
    parts = {"encoder": [student.encoder], "heads": [student.decoder, student.auxor]}
    groups = [
        {
            "params": [parameter for module in parts[name] for parameter in module.parameters()],
            "name": name,
            "lr": rate,
            "base_lr": rate,
        }
        for name, rate in rates.items()
    ]
    if options.name == "adam":
        return torch.optim.Adam(groups, lr=options.lr, weight_decay=options.weight_decay)
    return torch.optim.SGD(groups, lr=options.lr, momentum=options.momentum, weight_decay=options.weight_decay)


def build_schedule(config: StalConfig, iterations: int) -> Schedule:
    """Return the learning rate's decay over a round."""
    if config.optim.schedule == "cosine":
        return CosineSchedule(iterations, config.optim.cosine_floor)
    return PolySchedule(iterations, config.optim.poly_power)


def batch_plan(context: StageContext[StalConfig], num_unlabelled: int) -> BatchPlan:
    """Return the batch plan of the unlabelled images. A batch size over the pool is lowered to it, with a warning."""
    plan, warning = plan_batches(
        num_unlabelled,
        context.config.optim.batch_size,
        run_seed=context.spec.seed,
        stage_index=context.spec.stage.index,
    )
    if warning:
        context.events.log("warning", warning)
    return plan


def training_setup(
    context: StageContext[StalConfig], state: StalState, data: RoundData, channel_of: IdTable
) -> tuple[TrainingSetup, RoundIteration]:
    """Return the training setup and its iteration."""
    config, spec = context.config, context.spec
    if config.contrast.weight > 0 and config.contrast.low_rank >= state.student.num_classes:
        context.events.log("warning", f"contrast.low_rank is lowered to {state.student.num_classes - 1}: one below C")
    target = at_target_size(data.target, config.data)
    images = StalImages(target, [*data.whole, *data.partly], data.unlabelled, data.source, channel_of, config)
    plan = batch_plan(context, len(images.unlabelled))
    iterations = config.optim.iterations or config.optim.epochs * plan.per_epoch
    maker = BatchMaker(images, plan, spec.seed, spec.stage.index)
    optimizer = build_optimizer(state.student, config)
    timetable = Timetable(iterations, plan.per_epoch, config.optim.warmup_epochs, config.contrast.start_epoch)
    dtype, every = (
        resolve_precision(config.execution.precision, context.device),
        config.eval.every_epochs * plan.per_epoch,
    )
    tested = {"teacher": state.teacher, "student": state.student}
    tests = validation(context, tested, (channel_of, dtype), every) if every else None
    setup = TrainingSetup(
        model=state,
        optimizer=optimizer,
        schedule=build_schedule(config, iterations),
        batches=plan,
        make_batches=lambda done, total: maker.batches(state, done, total),
        name_of=images.name_of,
        deviations=() if config.model.backbone_weights or config.model.checkpoint else ("random initial weights",),
        hooks=(tests,) if tests else (),
        tallies={"validation": tests} if tests else {},
        advice=config.advice_on_divergence(),
    )
    networks = MeanTeacher(state, optimizer, config, context.device, dtype)
    weights = class_weights(context, channel_of, state.student.num_classes)
    labelled = LabelledStep(networks, paste_channels(context, channel_of), weights)
    mixer = Mixer(networks, lambda done: numpy_generator(spec.seed, spec.stage.index, SeedComponent.PASTE, done))
    return setup, make_iteration(labelled, mixer, timetable.at)


def make_iteration(labelled: LabelledStep, mixer: Mixer, position: Callable[[int], Position]) -> RoundIteration:
    """Return the iteration of the config's method: STAL, U2PL, or RIPU (labels only)."""
    networks, options = labelled.networks, labelled.networks.config.self_training
    if options.weight == 0:
        return RipuIteration(networks, labelled, position)
    against_teacher = U2plIteration if options.loss == "u2pl" else StalIteration
    return against_teacher(networks, labelled, MixedStep(mixer), position)


def class_weights(context: StageContext[StalConfig], channel_of: IdTable, num_classes: int) -> Tensor | None:
    """Return class weights by channel: given, published, or 1 for rare classes that count twice. None = equal weights.

    Raises:
        ConfigError: if the weights are for other classes.
    """
    options, classes = context.config.supervised, context.datasets[TARGET].classes
    options.check_against(classes, num_classes)
    if options.weights_by_name:
        weights, names = torch.ones(num_classes), classes.names
        for raw_id, name in names.items():
            if channel_of[raw_id] != IGNORE_INDEX:
                weights[int(channel_of[raw_id])] = options.weights_by_name.get(name, 1.0)
        return weights.to(context.device)
    if not options.class_weights:
        return None
    weights = torch.tensor(CITYSCAPES_WEIGHTS)
    if options.loss == "ce":
        weights = torch.zeros_like(weights).index_fill_(0, torch.tensor(RARE_CLASSES), 1)
    return weights.to(context.device)


def paste_channels(context: StageContext[StalConfig], channel_of: IdTable) -> Tensor:
    """Return the channels that may be pasted, (n,): all but the frequent classes."""
    names = context.datasets[TARGET].classes.names
    frequent = set(context.config.copy_paste.frequent)
    channels = [int(channel_of[raw_id]) for raw_id, name in sorted(names.items()) if name not in frequent]
    channels = [channel for channel in channels if channel != IGNORE_INDEX]
    return torch.tensor(channels, device=context.device)
