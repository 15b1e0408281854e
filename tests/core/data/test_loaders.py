"""Batches as functions of where they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.loaders import Batch, BatchPlan, Item, evaluation_batches, plan_batches, training_batches
from core.errors import ConfigError

PLAN = BatchPlan(num_items=10, batch_size=3, run_seed=5, stage_index=1)


def noisy_item(index: int, generator: np.random.Generator) -> Item:
    """The item's number with a random part, so that equal images mean equal draws."""
    image = torch.full((3, 2, 2), index + float(generator.random()))
    return image, torch.full((2, 2), index, dtype=torch.uint8)


def assert_same(batches: list[Batch], others: list[Batch]) -> None:
    assert len(batches) == len(others)
    for batch, other in zip(batches, others, strict=True):
        assert torch.equal(batch.images, other.images)
        assert torch.equal(batch.labels, other.labels)
        np.testing.assert_array_equal(batch.items, other.items)


def test_epoch_visits_no_item_twice_and_drops_what_does_not_fill_a_batch() -> None:
    items = np.concatenate([PLAN.items(iteration) for iteration in range(3)])

    assert PLAN.per_epoch == 3
    assert (len(items), len(set(items.tolist()))) == (9, 9)


def test_every_epoch_has_its_own_order() -> None:
    orders = {tuple(PLAN.epoch_order(epoch).tolist()) for epoch in range(20)}

    assert len(orders) == 20
    assert all(sorted(order) == list(range(10)) for order in orders)


def test_batch_holds_images_labels_and_numbers_of_its_items() -> None:
    (batch,) = training_batches(PLAN, noisy_item, 0, 1)

    assert (batch.images.shape, batch.images.dtype) == ((3, 3, 2, 2), torch.float32)
    assert (batch.labels.shape, batch.labels.dtype) == ((3, 2, 2), torch.int64)
    assert batch.labels[:, 0, 0].tolist() == batch.items.tolist() == PLAN.items(0).tolist()
    assert batch.images[:, 0, 0, 0].floor().tolist() == batch.items.tolist()


@pytest.mark.parametrize("start", [1, 4, 6])
def test_batches_from_any_iteration_on_are_those_of_the_whole_run(start: int) -> None:
    whole = list(training_batches(PLAN, noisy_item, 0, 8))

    assert_same(list(training_batches(PLAN, noisy_item, start, 8)), whole[start:])


@pytest.mark.parametrize("workers", [1, 3])
def test_background_threads_change_nothing(workers: int) -> None:
    alone = list(training_batches(PLAN, noisy_item, 0, 12, workers=0))

    assert_same(list(training_batches(PLAN, noisy_item, 0, 12, workers=workers)), alone)


def test_augmentation_of_an_item_differs_between_epochs_seeds_and_stages() -> None:
    places = [
        (PLAN, 0),
        (PLAN, PLAN.per_epoch),
        (BatchPlan(10, 3, run_seed=6, stage_index=1), 0),
        (BatchPlan(10, 3, run_seed=5, stage_index=2), 0),
    ]

    draws = {plan.augmentation(iteration, 4).random() for plan, iteration in places}

    assert len(draws) == 4


def test_batch_larger_than_the_data_is_lowered_with_a_warning() -> None:
    plan, warning = plan_batches(5, 32, run_seed=0, stage_index=0)

    assert (plan.batch_size, plan.per_epoch) == (5, 1)
    assert warning == "the batch of 32 is larger than the 5 training images; it is lowered to 5"


def test_batch_that_fits_is_kept_without_warning() -> None:
    plan, warning = plan_batches(32, 32, run_seed=0, stage_index=0)

    assert (plan.batch_size, warning) == (32, None)


def test_no_item_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="the step has no training image"):
        plan_batches(0, 8, run_seed=0, stage_index=0)


def test_exception_of_an_item_reaches_the_training_loop() -> None:
    def broken(index: int, _: np.random.Generator) -> Item:
        raise OSError(f"item {index} is gone")

    with pytest.raises(OSError, match="is gone"):
        next(training_batches(PLAN, broken, 0, 5))


def sized_item(index: int) -> Item:
    """Items 2 and 3 are wider than the others."""
    width = 4 if index in (2, 3) else 2
    return torch.full((3, 2, width), float(index)), torch.full((2, width), index, dtype=torch.uint8)


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_evaluation_keeps_the_order_and_batches_neighbours_of_equal_size(workers: int) -> None:
    batches = list(evaluation_batches(sized_item, [0, 1, 5, 2, 3, 4], batch_size=2, workers=workers))

    assert [batch.items.tolist() for batch in batches] == [[0, 1], [5], [2, 3], [4]]
    assert batches[2].images.shape == (2, 3, 2, 4)
    assert batches[2].labels[:, 0, 0].tolist() == [2, 3]
    assert batches[2].labels.dtype == torch.int64


def test_evaluation_of_nothing_gives_no_batch() -> None:
    assert list(evaluation_batches(sized_item, [], batch_size=2)) == []
