"""The training loop: what is called when, and where it begins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from core.data.loaders import Batch
from core.engine.loop import Hook, Iteration, Values, train
from tests.support.tiny import noise_batches


class Diary(Hook):
    """Writes down every call."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def at_start(self, done: int) -> None:
        self.lines.append(f"start {done}")

    def before(self, done: int) -> None:
        self.lines.append(f"before {done}")

    def after(self, iteration: Iteration) -> None:
        self.lines.append(f"after {iteration.done} items {iteration.batch.items.tolist()} {iteration.values['loss']}")

    def at_end(self, done: int) -> None:
        self.lines.append(f"end {done}")


def step(_batch: Batch, done: int) -> Values:
    return {"loss": torch.tensor(10 * done)}


def test_hooks_are_called_around_every_iteration():
    diary = Diary()

    train(step, noise_batches(0, 2), 2, [diary])

    assert diary.lines == [
        "start 0",
        "before 0",
        "after 1 items [0, 1] 0",
        "before 1",
        "after 2 items [2, 3] 10",
        "end 2",
    ]


def test_a_resumed_loop_does_the_remaining_iterations_only():
    diary = Diary()

    train(step, noise_batches(3, 4), 4, [diary], done=3)

    assert diary.lines == ["start 3", "before 3", "after 4 items [6, 7] 30", "end 4"]


def test_a_finished_loop_only_ends():
    diary = Diary()

    train(step, noise_batches(4, 4), 4, [diary], done=4)

    assert diary.lines == ["start 4", "end 4"]


def test_no_batch_is_asked_for_beyond_the_last_iteration():
    asked: list[int] = []

    def endless() -> Iterator[Batch]:
        for number, batch in enumerate(noise_batches(0, 9)):
            asked.append(number)
            yield batch

    train(step, endless(), 2, [])

    assert asked == [0, 1]


def test_too_few_batches_are_an_error_and_no_end():
    diary = Diary()

    with pytest.raises(ValueError, match="after iteration 2 of 5"):
        train(step, noise_batches(0, 2), 5, [diary])
    assert "end 5" not in diary.lines
