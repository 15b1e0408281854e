"""Setup of the warm-up: network, discriminators, optimisers and batches (CoaST 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from core.engine.joint_optimizer import JointOptimizer
from core.engine.loop import Values
from core.engine.precision import resolve_precision
from core.engine.resumable import TrainingSetup
from core.engine.schedules import PolySchedule
from core.methods.coast.best_model import tests_between
from core.methods.coast.config import CoastConfig
from core.methods.coast.domains import Domains
from core.methods.coast.networks import ENCODER, HEADS, build_network, freeze_batch_norm, network_optimizer
from core.methods.coast.options import Head
from core.methods.coast.training_parts import batch_plan, init_generator, learned_domains, tester_of
from core.methods.coast.warm_up import WarmUp, WarmUpBatch
from core.methods.coast.warm_up_data import DomainBatch, DomainBatches
from core.models.deeplabv2 import DeepLabV2
from core.models.discriminator import Discriminator
from core.stage.context import StageContext

DISCRIMINATORS = "discriminators"
ADAM_BETAS = (0.9, 0.99)
DISCRIMINATOR_WIDTHS = {"tiny": 8}
"""Network -> channels of the discriminator's first convolution; 64 for all other networks."""


class WarmUpState(nn.Module):
    """All modules that the warm-up trains, as one module for checkpoints."""

    def __init__(self, network: DeepLabV2, discriminators: nn.ModuleList) -> None:
        super().__init__()
        self.network, self.discriminators = network, discriminators


@dataclass(frozen=True)
class WarmUpIteration:
    """One iteration of the warm-up.

    Attributes:
        warm_up: the networks with their optimisers.
        targets: names of the targets, for the series.
        device: device of the networks.
        freezes_bn: whether batch norm is frozen.
    """

    warm_up: WarmUp
    targets: Sequence[str]
    device: torch.device
    freezes_bn: bool

    def __call__(self, batch: DomainBatch, _done: int) -> Values:
        """Update network and discriminators."""
        network = self.warm_up.network
        if self.freezes_bn and isinstance(network, nn.Module):
            freeze_batch_norm(network)  # a test in between may have undone it
        images, labels = (part.to(self.device, non_blocking=True) for part in (batch.images, batch.labels))
        targets = [one.to(self.device, non_blocking=True) for one in batch.targets]
        losses = self.warm_up.update(WarmUpBatch(images, labels, targets))
        values = {"loss": torch.stack([losses.source, *losses.alignment]).sum(), "loss_source": losses.source}
        for name, aligned, told in zip(self.targets, losses.alignment, losses.discriminator, strict=True):
            values |= {f"loss_alignment_{name}": aligned, f"loss_discriminator_{name}": told}
        return values


def test_head(config: CoastConfig) -> Head:
    """Return the classifier to test in a warmed-up network, which has no domain-agnostic one."""
    return "specific" if config.eval.head == "agnostic" else config.eval.head


def build_warm_up(context: StageContext[CoastConfig], domains: Domains) -> WarmUpState:
    """Return the initial networks on the device; raise ConfigError if a file of weights cannot be used."""
    num_targets, config = len(domains.targets), context.config
    network = build_network(config.model, domains.num_classes, num_targets, init_generator(context))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(init_generator(context, 1).initial_seed())
        width = DISCRIMINATOR_WIDTHS.get(config.model.name, 64)
        discriminators = nn.ModuleList(Discriminator(domains.num_classes, width) for _ in range(num_targets))
    return WarmUpState(network, discriminators).to(context.device)


def warm_up_setup(
    context: StageContext[CoastConfig], domains: Domains, state: WarmUpState
) -> tuple[TrainingSetup, WarmUpIteration]:
    """Return the training setup and its iteration."""
    config, options = context.config, context.config.warm_up
    learned = learned_domains(context, domains)
    batches = DomainBatches(learned.source, learned.source_order, learned.targets, learned.target_orders)
    rates = {ENCODER: options.lr, HEADS: options.lr * options.head_lr_factor}
    repeats = config.flavour.lr_multiplicity == "reference"
    of_network = network_optimizer(state.network, rates, config.optim, repeats=repeats)
    group = {"params": list(state.discriminators.parameters()), "name": DISCRIMINATORS}
    of_discriminators = torch.optim.Adam([{**group, "base_lr": options.discriminator_lr}], betas=ADAM_BETAS)
    tester = tester_of(context, domains, test_head(config))
    measure = partial(tester.mious, state.network)
    tests = tests_between(context.events, measure, None, config.eval.every) if config.eval.every else None
    setup = TrainingSetup(
        model=state,
        optimizer=JointOptimizer(of_network, of_discriminators),
        schedule=PolySchedule(options.iterations, config.optim.poly_power),
        batches=batch_plan(context, len(learned.source)),
        make_batches=batches.batches,
        name_of=lambda index: learned.source.ids[index],
        deviations=() if config.model.backbone_weights else ("random initial weights",),
        hooks=(tests,) if tests else (),
        tallies={"tests": tests} if tests else {},
        advice=config.advice_on_divergence(),
    )
    warm_up = WarmUp(
        state.network,
        state.discriminators,
        of_network,
        of_discriminators,
        options.adversarial,
        options.adversarial_weight,
        shares_pass=options.shared_pass and options.freeze_bn,
        dtype=resolve_precision(config.execution.precision, context.device),
    )
    return setup, WarmUpIteration(warm_up, domains.targets, context.device, options.freeze_bn)
