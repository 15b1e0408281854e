"""The bounds of domain adaptation: one classifier trained on the labels of the source, or of the targets."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial

import torch

from core.data.loaders import Batch
from core.data.prefetch import prefetched
from core.engine.inference import resize_logits
from core.engine.loop import Values
from core.engine.precision import autocast, resolve_precision
from core.engine.resumable import TrainingSetup, train_resumably
from core.engine.schedules import PolySchedule
from core.engine.update import descend
from core.losses.cross_entropy import cross_entropy
from core.methods.coast.baseline_config import OracleConfig, SourceOnlyConfig
from core.methods.coast.best_model import tests_between
from core.methods.coast.domains import domains_of
from core.methods.coast.evaluation import TESTED, show_targets, tell_source, tell_targets
from core.methods.coast.model_files import store_model
from core.methods.coast.networks import ENCODER, HEADS, build_network, freeze_batch_norm, network_optimizer
from core.methods.coast.plan import MODEL
from core.methods.coast.testing import Tester
from core.methods.coast.training_parts import batch_plan, domain_views, init_generator, model_record, tester_of
from core.methods.coast.views import DomainOrder, JoinedViews
from core.methods.coast.warm_up_data import labelled_views
from core.models.deeplabv2 import DeepLabV2
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from core.streams.multi_target import SOURCE

BoundContext = StageContext[SourceOnlyConfig] | StageContext[OracleConfig]


def learn_source(context: StageContext[SourceOnlyConfig]) -> StageResult:
    """Learn the source's labels."""
    return _learn(context, [SOURCE], domains_of(context).targets)


def learn_targets(context: StageContext[OracleConfig]) -> StageResult:
    """Learn the labels of all targets, or of the stage's target."""
    targets = domains_of(context).targets
    if context.config.labels == "each":
        targets = targets[context.spec.stage.index :][:1]
    return _learn(context, targets, targets)


def _learn(context: BoundContext, taught: Sequence[str], tested: Sequence[str]) -> StageResult:
    """Train one classifier on the labels of the domains `taught`, and test it on the targets `tested`."""
    domains, config = domains_of(context), context.config
    network = build_network(config.model, domains.num_classes, 1, init_generator(context)).to(context.device)
    tester = tester_of(context, domains, "agnostic", tested)
    setup, iteration = _setup(context, tester, network, taught)
    train_resumably(context, setup, iteration, config.execution)

    done = config.training.iterations
    store_model(context.folder / ARTIFACT_DIR / MODEL, network, model_record(context, domains, network))
    show_targets(tester, network, done)
    tell_targets(tester, network, TESTED, done)
    tell_source(tester, network, done)
    return StageResult(outputs={MODEL: f"{ARTIFACT_DIR}/{MODEL}"})


def _setup(
    context: BoundContext, tester: Tester, network: DeepLabV2, taught: Sequence[str]
) -> tuple[TrainingSetup, Callable[[Batch, int], Values]]:
    config, options, spec = context.config, context.config.training, context.spec
    views = JoinedViews([domain_views(context, tester.domains, name, len(taught)) for name in taught])
    order = DomainOrder(len(views), config.optim.batch_size, spec.seed, spec.stage.index, 0)
    rates = {ENCODER: options.lr, HEADS: options.lr * options.head_lr_factor}
    optimizer = network_optimizer(network, rates, config.optim)

    def batches(done: int, total: int) -> Generator[Batch, None, None]:
        jobs = (partial(_batch, views, order, iteration) for iteration in range(done, total))
        return prefetched(jobs, workers=1, ahead=2)

    tests = (
        tests_between(context.events, partial(tester.mious, network), None, config.eval.every)
        if config.eval.every
        else None
    )
    setup = TrainingSetup(
        model=network,
        optimizer=optimizer,
        schedule=PolySchedule(options.iterations, config.optim.poly_power),
        batches=batch_plan(context, len(views)),
        make_batches=batches,
        name_of=lambda index: views.ids[index],
        deviations=() if config.model.backbone_weights else ("random initial weights",),
        hooks=(tests,) if tests else (),
        tallies={"tests": tests} if tests else {},
        advice=config.advice_on_divergence(),
    )
    return setup, _iteration(context, network, optimizer)


def _batch(views: JoinedViews, order: DomainOrder, iteration: int) -> Batch:
    return Batch(*labelled_views(views, order, iteration))


def _iteration(
    context: BoundContext, network: DeepLabV2, optimizer: torch.optim.Optimizer
) -> Callable[[Batch, int], Values]:
    device, freezes = context.device, context.config.training.freeze_bn
    dtype = resolve_precision(context.config.execution.precision, device)

    def iterate(batch: Batch, _done: int) -> Values:
        if freezes:
            freeze_batch_norm(network)  # a test in between has undone it
        images, labels = (part.to(device, non_blocking=True) for part in (batch.images, batch.labels))
        with autocast(device, dtype):
            logits = network.heads[0](network.features(images))
        return descend(optimizer, cross_entropy(resize_logits(logits.float(), labels.shape[-2:]), labels), None)

    return iterate


SOURCE_ONLY: Mapping[StageKind, StageFunction[SourceOnlyConfig]] = {StageKind.TRAIN: learn_source}
ORACLE: Mapping[StageKind, StageFunction[OracleConfig]] = {StageKind.TRAIN: learn_targets}
