"""Shared parts of the trainings of CoaST and its bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from core.data.loaders import BatchPlan, plan_batches
from core.engine.precision import resolve_precision
from core.methods.coast.baseline_config import OracleConfig, SourceOnlyConfig
from core.methods.coast.config import CoastConfig
from core.methods.coast.domains import Domains
from core.methods.coast.model_files import ModelRecord
from core.methods.coast.options import Head, NetworkOptions
from core.methods.coast.testing import Protocol, Tester
from core.methods.coast.views import DomainOrder, DomainViews
from core.models.deeplabv2 import DeepLabV2, Through
from core.seeding import SeedComponent, torch_generator
from core.stage.code_version import code_version
from core.stage.context import StageContext
from core.streams.multi_target import SOURCE

Context = StageContext[CoastConfig] | StageContext[SourceOnlyConfig] | StageContext[OracleConfig]


@dataclass(frozen=True)
class LearnedDomains:
    """Views and orders of the source and of every target."""

    source: DomainViews
    source_order: DomainOrder
    targets: list[DomainViews]
    target_orders: list[DomainOrder]


def learned_domains(context: Context, domains: Domains) -> LearnedDomains:
    """Return the training images of all domains. They share the memory for decoded images evenly."""
    names = (SOURCE, *domains.targets)
    views = [domain_views(context, domains, name, len(names)) for name in names]
    orders = [order_of(context, one, number) for number, one in enumerate(views)]
    return LearnedDomains(views[0], orders[0], views[1:], orders[1:])


def domain_views(context: Context, domains: Domains, name: str, shared_by: int) -> DomainViews:
    """Return the training images of a domain; `shared_by` domains share the memory for decoded images."""
    share = context.config.data.cache_mib // shared_by
    return DomainViews(context.datasets[name].train, domains.channel_of[name], context.config.data, share)


def order_of(context: Context, views: DomainViews, number: int) -> DomainOrder:
    """Return the order of a domain's images; `number` is 0 for the source and 1 + i for target i."""
    spec, size = context.spec, context.config.optim.batch_size
    return DomainOrder(len(views), size, spec.seed, spec.stage.index, number)


def batch_plan(context: Context, num_items: int) -> BatchPlan:
    """Return the batch plan of one domain, for progress; raise ConfigError if the domain has no image."""
    spec = context.spec
    plan, _ = plan_batches(num_items, context.config.optim.batch_size, run_seed=spec.seed, stage_index=spec.stage.index)
    return plan


def init_generator(context: Context, *position: int) -> torch.Generator:
    """Return the generator of a stage's initial weights."""
    return torch_generator(context.spec.seed, context.spec.stage.index, SeedComponent.INIT, *position)


def tester_of(
    context: Context,
    domains: Domains,
    head: Head,
    targets: Sequence[str] | None = None,
    through: Callable[[], Through | None] = lambda: None,
) -> Tester:
    """Return the tester of a stage. `targets` None = all targets; for the other arguments see `Protocol`."""
    config, precision = context.config, context.config.execution.precision
    protocol = Protocol(head, config.data, config.eval, resolve_precision(precision, context.device), through)
    return Tester(context, domains, protocol, targets or domains.targets)


def model_record(context: Context, domains: Domains, network: DeepLabV2) -> ModelRecord:
    """Return the record of a stage's network."""
    return ModelRecord(
        stage=context.spec.stage.name,
        architecture=NetworkOptions.model_validate(
            context.config.model.model_dump(include=set(NetworkOptions.model_fields))
        ),
        num_heads=len(network.heads),
        targets=domains.targets,
        datasets=dict(domains.folders),
        raw_ids=domains.raw_ids,
        class_names=domains.class_names,
        run_id=context.spec.run_id,
        seed=context.spec.seed,
        code_version=code_version(),
    )
