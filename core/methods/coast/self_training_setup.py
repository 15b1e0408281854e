"""Setup of self-training: network, styles, rounds of pseudo-labels, and the best model (CoaST 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from core.checkpoint import AttachedFile
from core.data.classes import IGNORE_INDEX
from core.engine.loop import Values
from core.engine.precision import resolve_precision
from core.engine.resumable import TrainingSetup
from core.engine.schedules import PolySchedule
from core.methods.coast.best_model import BEST_FILE, BestModel, tests_between
from core.methods.coast.config import CoastConfig
from core.methods.coast.domains import Domains
from core.methods.coast.losses import TargetLossOptions
from core.methods.coast.networks import (
    AGNOSTIC,
    ENCODER,
    HEADS,
    freeze_batch_norm,
    network_optimizer,
    with_agnostic_head,
)
from core.methods.coast.plan import MODEL
from core.methods.coast.pseudo_label_maker import PseudoLabelMaker
from core.methods.coast.round_panels import RoundPanels
from core.methods.coast.rounds import PseudoLabelRounds, RoundTimes, SoftLabels
from core.methods.coast.self_training import SelfTraining, SourceViews
from core.methods.coast.self_training_data import SelfTrainingBatch, SelfTrainingBatches
from core.methods.coast.style_memory import StyleBank
from core.methods.coast.training_parts import batch_plan, init_generator, learned_domains, tester_of
from core.methods.coast.warmed_up import warmed_up_state
from core.models.deeplabv2 import DeepLabV2
from core.stage.context import StageContext


@dataclass(frozen=True)
class SelfTrainingIteration:
    """One iteration of self-training.

    Attributes:
        training: the network with its optimiser.
        targets: names of the targets, for the series.
        device: device of the network.
        config: gives threshold, flavour, and whether batch norm is frozen.
    """

    training: SelfTraining
    targets: Sequence[str]
    device: torch.device
    config: CoastConfig

    def __call__(self, batch: SelfTrainingBatch, _done: int) -> Values:
        """Update the network."""
        config = self.config
        if config.self_training.freeze_bn:
            freeze_batch_norm(self.training.network)  # a test in between may have undone it
        source = SourceViews(*(part.to(self.device, non_blocking=True) for part in batch.source))
        views = [one.on(self.device, config.pseudo_labels.threshold, config.flavour) for one in batch.targets]
        losses = self.training.update(source, views)
        values = {"loss": torch.stack([losses.source, *losses.targets]).sum(), "loss_source": losses.source}
        for name, terms, one in zip(self.targets, losses.terms, views, strict=True):
            values |= {
                f"loss_pseudo_label_{name}": terms.pseudo_label,
                f"loss_distillation_{name}": terms.distillation,
                f"loss_consistency_{name}": terms.consistency,
                f"agreement_{name}": terms.agreement,
                f"labelled_share_{name}": (one.labels != IGNORE_INDEX).float().mean(),
            }
        return values


@dataclass(frozen=True)
class Kept:
    """The attached files of self-training: packs of labels and best weights."""

    rounds: PseudoLabelRounds
    best: BestModel

    def files(self) -> Mapping[str, AttachedFile]:
        """Return all files."""
        return {**self.rounds.files(), **self.best.files()}

    def restore_files(self, files: Mapping[str, AttachedFile]) -> None:
        """Load the files of a checkpoint."""
        self.rounds.restore_files({name: file for name, file in files.items() if name != BEST_FILE})
        self.best.restore_files({name: file for name, file in files.items() if name == BEST_FILE})


def build_self_training(context: StageContext[CoastConfig], domains: Domains) -> DeepLabV2:
    """Return the warmed-up network with one more classifier, on the device.

    Raises:
        ConfigError: if the warm-up has other targets, classes or datasets.
    """
    model = context.config.model
    path = context.inputs[MODEL] if model.warmed_up is None else Path(model.warmed_up)
    state = warmed_up_state(path, model, domains)
    shape = (domains.num_classes, len(domains.targets))
    return with_agnostic_head(model, state, shape, init_generator(context)).to(context.device)


def self_training_setup(
    context: StageContext[CoastConfig], domains: Domains, network: DeepLabV2
) -> tuple[TrainingSetup, SelfTrainingIteration, BestModel]:
    """Return the training setup, its iteration, and the keeper of the best tested model."""
    config, options, flavour = context.config, context.config.self_training, context.config.flavour
    dtype, learned = resolve_precision(config.execution.precision, context.device), learned_domains(context, domains)
    bank = StyleBank(len(domains.targets), network.encoder.num_places, flavour.style_mode)
    times = RoundTimes(config.pseudo_labels.every, options.iterations)
    maker = PseudoLabelMaker(context, network, domains, bank, dtype)
    draw = RoundPanels(context, network, domains, dtype).draw if config.eval.panel_images else None
    rounds = PseudoLabelRounds(context.folder, domains.targets, times, maker.make, context.events, draw)
    best = BestModel(context.folder, network)

    def labels_of(done: int) -> list[SoftLabels]:
        index = rounds.ensure(done)
        return [SoftLabels(rounds.pack(index, target), domains.num_classes) for target in domains.targets]

    batches = SelfTrainingBatches(
        learned.source, learned.source_order, learned.targets, learned.target_orders, labels_of, times, flavour
    )
    tester = tester_of(context, domains, config.eval.head, through=lambda: bank.other_pass().through)
    measure = partial(tester.mious, network)
    tests = tests_between(context.events, measure, best, config.eval.every) if config.eval.every else None
    optimizer = self_training_optimizer(network, config)
    setup = TrainingSetup(
        model=network,
        optimizer=optimizer,
        schedule=PolySchedule(options.iterations, config.optim.poly_power),
        batches=batch_plan(context, len(learned.source)),
        make_batches=batches.batches,
        name_of=lambda index: learned.source.ids[index],
        hooks=(tests,) if tests else (),
        tallies={"styles": bank, "best": best, **({"tests": tests} if tests else {})},
        advice=config.advice_on_divergence(),
        attached=Kept(rounds, best),
        keeps=times.is_before_round,
        use_saver=rounds.use_saver,
    )
    training = SelfTraining(network, optimizer, bank, target_loss_options(config), options.ratio, dtype)
    return setup, SelfTrainingIteration(training, domains.targets, context.device, config), best


def self_training_optimizer(network: DeepLabV2, config: CoastConfig) -> torch.optim.Optimizer:
    """Return the optimiser, with separate rates for encoder, targets' classifiers and agnostic classifier."""
    options = config.self_training
    factors = {ENCODER: 1.0, HEADS: options.head_lr_factor, AGNOSTIC: options.agnostic_lr_factor}
    rates = {name: options.lr * factor for name, factor in factors.items()}
    return network_optimizer(network, rates, config.optim, repeats=config.flavour.lr_multiplicity == "reference")


def target_loss_options(config: CoastConfig) -> TargetLossOptions:
    """Return the options of a target's loss."""
    options = config.self_training
    return TargetLossOptions(
        options.rectify, options.gamma, config.flavour.rectify_mode, options.distillation, options.target_loss_weight
    )
