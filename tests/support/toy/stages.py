"""The toy: learn the colours of one domain, then those of the next, and test on all so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.data.classes import IGNORE_INDEX
from core.data.label_ids import IdTable
from core.data.loaders import Batch, Item, plan_batches
from core.data.transforms.presets import to_normalised
from core.engine.loop import Values
from core.engine.resumable import TrainingSetup, item_batches, train_resumably
from core.engine.schedules import PolySchedule
from core.engine.testing import batches_of_split, pass_through, unless_stopped
from core.engine.update import descend
from core.metrics.confusion import ConfusionMatrix
from core.metrics.records import write_confusion
from core.seeding import SeedComponent, torch_generator
from core.stage.context import StageContext
from core.stage.events import Score, Scores
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from tests.support.toy.config import ToyConfig
from tests.support.toy.model import build_model, load_weights, save_model
from tests.support.toy.panels import show_domain
from tests.support.toy.plan import MODEL
from tests.support.toy.stream import DOMAINS, FIRST

ACCURACY, RECALL = "colour_accuracy", "recall"
"""Share of the pixels that are right: of all, and of those of a class."""


def learn_domain(context: StageContext[ToyConfig]) -> StageResult:
    """Learn one domain, and nothing against forgetting the one before."""
    step = context.spec.stage.step
    raw_ids = sorted(context.datasets[FIRST].classes.names)
    channel_of = np.full(256, IGNORE_INDEX, np.uint8)
    channel_of[raw_ids] = np.arange(len(raw_ids))
    generator = torch_generator(context.spec.seed, context.spec.stage.index, SeedComponent.INIT)
    model = build_model(len(raw_ids), generator)
    if MODEL in context.inputs:
        load_weights(context.inputs[MODEL], model)

    _train(context, model.to(context.device), DOMAINS[step], channel_of)
    for domain in DOMAINS[: step + 1]:
        show_domain(context, model, domain, raw_ids)
        matrix = _confusion(context, model, domain, channel_of)
        context.events.tell_scores(
            Scores(
                split="test",
                domain=domain,
                step=step,
                iteration=context.config.iterations,
                scores=list(score_rows(matrix, raw_ids)),
                records=[write_confusion(context.folder, raw_ids, matrix)],
            )
        )
    save_model(context.folder / ARTIFACT_DIR / MODEL, model)
    return StageResult(outputs={MODEL: f"{ARTIFACT_DIR}/{MODEL}"})


def _train(context: StageContext[ToyConfig], model: nn.Module, domain: str, channel_of: IdTable) -> None:
    config, dataset = context.config, context.datasets[domain].train

    def item(index: int, _generator: np.random.Generator) -> Item:
        return to_normalised(dataset.image(index)), torch.from_numpy(channel_of[dataset.label(index)])

    batches, _ = plan_batches(
        len(dataset), config.batch_size, run_seed=context.spec.seed, stage_index=context.spec.stage.index
    )
    optimizer = torch.optim.SGD([{"params": list(model.parameters()), "base_lr": config.lr}], lr=config.lr)
    setup = TrainingSetup(
        model=model,
        optimizer=optimizer,
        schedule=PolySchedule(config.iterations),
        batches=batches,
        make_batches=item_batches(batches, item),
        name_of=lambda index: dataset.ids[index],
        advice=config.advice_on_divergence(),
    )
    train_resumably(context, setup, _iteration(model, optimizer, context.device), config.execution)


def _iteration(
    model: nn.Module, optimizer: torch.optim.Optimizer, device: torch.device
) -> Callable[[Batch, int], Values]:
    def iterate(batch: Batch, _done: int) -> Values:
        loss = F.cross_entropy(model(batch.images.to(device)), batch.labels.to(device), ignore_index=IGNORE_INDEX)
        return descend(optimizer, loss, None)

    return iterate


def _confusion(
    context: StageContext[ToyConfig], model: nn.Conv2d, domain: str, channel_of: IdTable
) -> npt.NDArray[np.int64]:
    confusion = ConfusionMatrix(model.out_channels, context.device)

    def count(batch: Batch, logits: Tensor) -> None:
        confusion.update(batch.labels.to(context.device), logits.argmax(dim=1))

    config = context.config
    batches = unless_stopped(
        batches_of_split(context.datasets[domain].eval, channel_of, config.batch_size), context.stop, config.iterations
    )
    pass_through(model, batches, model, count, device=context.device, dtype=torch.float32)
    return confusion.matrix()


def score_rows(matrix: npt.NDArray[np.int64], raw_ids: list[int]) -> Iterator[Score]:
    """Yield the accuracy, and the recall of each class; that of a class that no pixel shows is undefined."""
    yield Score(metric=ACCURACY, value=float(np.trace(matrix) / matrix.sum()))
    for raw_id, hits, pixels in zip(raw_ids, np.diagonal(matrix), matrix.sum(axis=1), strict=True):
        yield Score(metric=RECALL, value=float(hits / pixels) if pixels else None, class_id=raw_id)


STAGES: Mapping[StageKind, StageFunction[ToyConfig]] = {StageKind.TRAIN: learn_domain}
