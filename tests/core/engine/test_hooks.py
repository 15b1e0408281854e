"""Hooks: metric series that survive a stop, learning rates, losses that are not finite, checkpoints and stopping."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.loaders import Batch
from core.engine.hooks import (
    CheckpointHook,
    FiniteLossHook,
    MetricsHook,
    Pace,
    ProgressHook,
    ScheduleHook,
    SeedHook,
)
from core.engine.loop import Iteration
from core.engine.schedules import PolySchedule
from core.errors import NonFiniteLossError
from core.stage.events import EventWriter, Log, Metric, Progress, read_events
from core.stage.interrupt import StageInterrupted, StopFlag
from tests.support.tiny import momentum_sgd, tiny_model

CPU = torch.device("cpu")


@pytest.fixture
def events(tmp_path: Path) -> Iterator[EventWriter]:
    writer = EventWriter(tmp_path / "events.jsonl")
    yield writer
    writer.close()


def iteration(done: int, loss: float, **values: float) -> Iteration:
    batch = Batch(torch.zeros(2, 3, 1, 1), torch.zeros(2, 1, 1), np.array([2 * done, 2 * done + 1]))
    tensors = {name: torch.tensor(value) for name, value in values.items()}
    return Iteration(done, batch, {"loss": torch.tensor(loss), **tensors})


def metrics_in(folder: Path) -> list[tuple[int, dict[str, float]]]:
    read = (event for event, _ in read_events(folder / "events.jsonl"))
    return [(event.iteration, event.values) for event in read if isinstance(event, Metric)]


def test_metrics_are_means_over_an_interval_and_what_is_left_at_the_end(events: EventWriter, tmp_path: Path):
    hook = MetricsHook(events, every=2, learning_rate=lambda: 0.5)

    for done, loss in enumerate([1.0, 2.0, 4.0], start=1):
        hook.after(iteration(done, loss, kd=10 * loss))
    hook.at_end(3)

    assert metrics_in(tmp_path) == [
        (2, {"loss": 1.5, "kd": 15.0, "lr": 0.5}),
        (3, {"loss": 4.0, "kd": 40.0, "lr": 0.5}),
    ]


def test_the_log_tells_some_of_the_means_and_the_last(events: EventWriter, tmp_path: Path):
    hook = MetricsHook(events, every=2, learning_rate=lambda: 0.5, said_every=4)

    for done in range(1, 8):
        hook.after(iteration(done, 1 / done))
    hook.at_end(7)

    said = [event.text for event, _ in read_events(tmp_path / "events.jsonl") if isinstance(event, Log)]
    assert said == ["iteration 4: loss 0.2917, lr 0.5", "iteration 7: loss 0.1429, lr 0.5"]


def test_a_full_last_interval_is_not_followed_by_an_empty_one(events: EventWriter, tmp_path: Path):
    hook = MetricsHook(events, every=1, learning_rate=lambda: 0.5)

    hook.after(iteration(1, 1.0))
    hook.at_end(1)

    assert len(metrics_in(tmp_path)) == 1


def test_sums_restored_in_the_middle_of_an_interval_give_the_same_mean_to_the_last_bit(
    events: EventWriter, tmp_path: Path
):
    losses = [0.1, 0.7, 1 / 3]
    whole = MetricsHook(events, every=3, learning_rate=lambda: 0.0)
    first = MetricsHook(events, every=3, learning_rate=lambda: 0.0)
    second = MetricsHook(events, every=3, learning_rate=lambda: 0.0)
    for done, loss in enumerate(losses, start=1):
        whole.after(iteration(done, loss))

    first.after(iteration(1, losses[0]))
    second.restore(json.loads(json.dumps(first.state())))
    second.after(iteration(2, losses[1]))
    second.after(iteration(3, losses[2]))

    undisturbed, resumed = metrics_in(tmp_path)
    assert resumed == undisturbed


def test_the_learning_rate_of_an_iteration_is_a_function_of_its_number():
    optimizer = momentum_sgd(tiny_model(), lr=0.1)
    hook = ScheduleHook(optimizer, PolySchedule(iterations=4, power=1.0))

    hook.before(3)

    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.025)


def test_draws_of_an_iteration_do_not_depend_on_the_draws_before_it():
    hook = SeedHook(lambda done: 100 + done)
    hook.before(6)
    torch.rand(50)
    hook.before(7)
    first = torch.rand(3)

    hook.before(7)

    assert torch.equal(torch.rand(3), first)


def test_on_a_cpu_a_bad_loss_ends_the_stage_at_once_and_names_its_batch():
    hook = FiniteLossHook(CPU, every=10, name_of="image-{}".format, advice="lower optim.speed")
    hook.after(iteration(1, 3.0))

    with pytest.raises(NonFiniteLossError, match=r"iteration 2 .* image-4, image-5; lower optim\.speed$"):
        hook.after(iteration(2, math.nan))


def test_where_looking_would_wait_the_first_bad_iteration_is_found_at_the_log_interval():
    hook = FiniteLossHook(torch.device("meta"), every=4, name_of=str)
    hook._first_bad = torch.zeros((), dtype=torch.int64)
    for done, loss in enumerate([1.0, math.inf, math.nan], start=1):
        hook.after(iteration(done, loss))

    with pytest.raises(NonFiniteLossError, match=r"iteration 2 .* 4, 5$"):
        hook.after(iteration(4, 1.0))


def test_progress_tells_rate_epoch_and_what_is_left(events: EventWriter, tmp_path: Path):
    hook = ProgressHook(events, Pace("train", total=6, batch_size=2, per_epoch=2), every=2)

    hook.at_start(2)
    for done in (3, 4, 5, 6):
        hook.after(iteration(done, 1.0))

    found = [event for event, _ in read_events(tmp_path / "events.jsonl") if isinstance(event, Progress)]
    assert [(event.iteration, event.epoch) for event in found] == [(2, 1), (4, 2), (6, 3)]
    assert found[0].images_per_second is None
    assert found[2].seconds_left == 0


class Saves:
    """Remembers what was saved."""

    def __init__(self) -> None:
        self.at: list[int] = []

    def hook(self, every: int, stop: StopFlag) -> CheckpointHook:
        return CheckpointHook(self.at.append, lambda done: done % every == 0, stop, lambda: None)


def test_checkpoints_come_at_their_interval_and_at_the_end_and_never_twice():
    saves = Saves()
    hook = saves.hook(2, StopFlag())

    hook.at_start(0)
    for done in (1, 2, 3, 4):
        hook.after(iteration(done, 1.0))
    hook.at_end(4)

    assert saves.at == [2, 4]


def test_the_last_iteration_is_saved_outside_the_interval_too():
    saves = Saves()
    hook = saves.hook(2, StopFlag())

    hook.at_start(2)
    hook.after(iteration(3, 1.0))
    hook.at_end(3)

    assert saves.at == [3]


def test_a_stop_saves_the_finished_iteration_and_leaves():
    saves, stop = Saves(), StopFlag()
    hook = saves.hook(100, stop)
    hook.at_start(0)
    hook.after(iteration(1, 1.0))

    stop.request()
    with pytest.raises(StageInterrupted) as caught:
        hook.after(iteration(2, 1.0))

    assert (saves.at, caught.value.iteration) == ([2], 2)


def test_a_stop_before_the_first_iteration_saves_nothing_new():
    saves, stop = Saves(), StopFlag()
    stop.request()

    with pytest.raises(StageInterrupted) as caught:
        saves.hook(1, stop).at_start(5)

    assert (saves.at, caught.value.iteration) == ([], 5)


def test_a_spoilt_state_is_never_saved():
    saves = Saves()

    def spoilt() -> None:
        raise NonFiniteLossError("spoilt")

    hook = CheckpointHook(saves.at.append, lambda _: True, StopFlag(), spoilt)
    hook.at_start(0)

    with pytest.raises(NonFiniteLossError):
        hook.after(iteration(1, 1.0))
    assert saves.at == []
