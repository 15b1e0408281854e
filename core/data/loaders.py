"""Batches as pure functions of (run seed, stage, iteration), so that a stage can resume at any iteration."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.prefetch import prefetched
from core.errors import ConfigError
from core.seeding import SeedComponent, numpy_generator

Item = tuple[Tensor, Tensor]
"""(3, H, W) float32 image and (H, W) label of any integer type."""
TrainingItem = Callable[[int, np.random.Generator], Item]
"""Reads and augments one item; it draws only from the generator, and may be called from another thread."""
TestItem = Callable[[int], Item]


class Batch(NamedTuple):
    """(B, 3, H, W) float32 images, (B, H, W) int64 labels, and the (B,) int64 numbers of the items."""

    images: Tensor
    labels: Tensor
    items: npt.NDArray[np.int64]


@dataclass(frozen=True)
class BatchPlan:
    """The items of each batch.

    Every epoch is a permutation cut into full batches; the remaining items are dropped.

    Attributes:
        num_items: items of the training set, memory entries included.
        batch_size: at most `num_items`; `plan_batches` ensures it.
        run_seed: seed of the run.
        stage_index: position of the stage in the run's plan.
    """

    num_items: int
    batch_size: int
    run_seed: int
    stage_index: int

    @property
    def per_epoch(self) -> int:
        """Iterations per epoch."""
        return self.num_items // self.batch_size

    def epoch_of(self, iteration: int) -> int:
        """Return the epoch that an iteration belongs to; both count from 0."""
        return iteration // self.per_epoch

    def epoch_order(self, epoch: int) -> npt.NDArray[np.int64]:
        """Return the permutation of all items of one epoch."""
        generator = numpy_generator(self.run_seed, self.stage_index, SeedComponent.ORDER, epoch)
        return generator.permutation(self.num_items)

    def items(self, iteration: int) -> npt.NDArray[np.int64]:
        """Return the (batch_size,) items of an iteration."""
        position = iteration % self.per_epoch * self.batch_size
        return self.epoch_order(self.epoch_of(iteration))[position : position + self.batch_size]

    def augmentation(self, iteration: int, item: int) -> np.random.Generator:
        """Return the generator of one item's augmentation."""
        epoch = self.epoch_of(iteration)
        return numpy_generator(self.run_seed, self.stage_index, SeedComponent.AUGMENTATION, epoch, item)


def plan_batches(num_items: int, batch_size: int, *, run_seed: int, stage_index: int) -> tuple[BatchPlan, str | None]:
    """Return the plan, and a warning if the batch size was lowered to the number of items.

    Raises:
        ConfigError: when there is no item.
    """
    if num_items < 1:
        raise ConfigError("the step has no training image; check its classes and the setting of the stream", "/stream")
    warning = None
    if batch_size > num_items:
        warning = (
            f"the batch of {batch_size} is larger than the {num_items} training images; it is lowered to {num_items}"
        )
    return BatchPlan(num_items, min(batch_size, num_items), run_seed, stage_index), warning


def training_batches(
    plan: BatchPlan, item: TrainingItem, start_iteration: int, total_iterations: int, workers: int = 1
) -> Generator[Batch, None, None]:
    """Yield the batches of iterations start … total - 1.

    Args:
        plan: which items are in which batch.
        item: returns an item as tensors; all items have one size.
        start_iteration: 0, or the iteration of a checkpoint.
        total_iterations: number of iterations of the stage.
        workers: background threads, each making whole batches; 0 works in the caller's thread. Batches do not change.
    """
    iterations = range(start_iteration, total_iterations)
    return prefetched((partial(_training_batch, plan, item, i) for i in iterations), workers, ahead=workers + 1)


def _training_batch(plan: BatchPlan, item: TrainingItem, iteration: int) -> Batch:
    chosen = plan.items(iteration)
    return _collate(chosen, [item(int(index), plan.augmentation(iteration, int(index))) for index in chosen])


def evaluation_batches(
    item: TestItem, indices: Sequence[int], batch_size: int, workers: int = 1
) -> Generator[Batch, None, None]:
    """Yield test items in order; consecutive items of equal size share a batch.

    Centre crops all have one size and fill every batch but the last. Whole images start a new batch when the size
    changes.

    Args:
        item: returns an item as tensors.
        indices: items to test.
        batch_size: largest batch.
        workers: background threads, each reading whole items; 0 works in the caller's thread.
    """
    read = prefetched((partial(item, int(index)) for index in indices), workers, ahead=batch_size + workers)
    numbers: list[int] = []
    pending: list[Item] = []
    for number, one in zip(indices, read, strict=True):
        if pending and (len(pending) == batch_size or _shapes(one) != _shapes(pending[0])):
            yield _collate(numbers, pending)
            numbers, pending = [], []
        numbers.append(number)
        pending.append(one)
    if pending:
        yield _collate(numbers, pending)


def _shapes(item: Item) -> tuple[torch.Size, torch.Size]:
    image, label = item
    return image.shape, label.shape


def _collate(numbers: Iterable[int], items: Sequence[Item]) -> Batch:
    images = torch.stack([image for image, _ in items])
    labels = torch.stack([label for _, label in items]).to(torch.int64)
    return Batch(images, labels, np.fromiter(numbers, dtype=np.int64))
