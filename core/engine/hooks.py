"""Hooks around the iterations of a stage: learning rate, seeds, metrics, progress, checkpoints, stopping."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.engine.loop import Hook, Iteration
from core.engine.optim import set_learning_rates
from core.engine.schedules import Schedule
from core.errors import NonFiniteLossError
from core.stage.events import EventWriter, Metric, Progress
from core.stage.interrupt import StageInterrupted, StopFlag


class ScheduleHook(Hook):
    """Sets the learning rate of each iteration."""

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule) -> None:
        self._optimizer, self._schedule = optimizer, schedule

    def before(self, done: int) -> None:
        set_learning_rates(self._optimizer, self._schedule.factor(done))


class SeedHook(Hook):
    """Seeds torch's global generators before each iteration, so that dropout does not depend on earlier iterations."""

    def __init__(self, seed_of: Callable[[int], int]) -> None:
        self._seed_of = seed_of

    def before(self, done: int) -> None:
        torch.manual_seed(self._seed_of(done))


class FiniteLossHook(Hook):
    """Ends the stage when the loss is NaN or infinite.

    On a CPU every loss is checked at once. On a GPU that would wait for the device. There the device stores the first
    bad iteration, which is read at every log interval and before a checkpoint is written.
    """

    def __init__(self, device: torch.device, every: int, name_of: Callable[[int], str], advice: str = "") -> None:
        """Check losses on a device, at least every `every` iterations.

        Args:
            device: device of the losses.
            every: iterations between two checks on a GPU.
            name_of: number of an item -> its id.
            advice: the method's advice if the loss is not finite.
        """
        self._every = 1 if device.type == "cpu" else every
        self._first_bad = torch.zeros((), dtype=torch.int64, device=device)
        self._recent: deque[tuple[int, Sequence[int]]] = deque()
        self._name_of, self._advice = name_of, advice

    def after(self, iteration: Iteration) -> None:
        self._recent.append((iteration.done, iteration.batch.items.tolist()))
        is_first = (self._first_bad == 0) & ~torch.isfinite(iteration.values["loss"])
        self._first_bad = torch.where(is_first, iteration.done, self._first_bad)
        if iteration.done % self._every == 0:
            self.check()

    def check(self) -> None:
        """Raise NonFiniteLossError if a loss since the last check was not finite."""
        bad = int(self._first_bad)
        if bad:
            items = next(items for iteration, items in self._recent if iteration == bad)
            names = ", ".join(self._name_of(item) for item in items)
            way_out = f"; {self._advice}" if self._advice else ""
            raise NonFiniteLossError(f"the loss of iteration {bad} is not finite; its batch was {names}{way_out}")
        self._recent.clear()


class MetricsHook(Hook):
    """Sums the iterations' values on the device, and emits the means once per log interval.

    Checkpoints hold the sums, so a resumed stage emits the same series as one that never stopped.
    """

    def __init__(
        self, events: EventWriter, every: int, learning_rate: Callable[[], float], said_every: int | None = None
    ) -> None:
        """Emit the means every `every` iterations. Also log them every `said_every` iterations and after the last."""
        self._events, self._every, self._learning_rate = events, every, learning_rate
        self._said_every = said_every
        self._sums: dict[str, Tensor] = {}
        self._count = 0

    def after(self, iteration: Iteration) -> None:
        for name, value in iteration.values.items():
            total = self._sums.get(name)
            self._sums[name] = value.double() if total is None else total.to(value.device) + value
        self._count += 1
        if iteration.done % self._every == 0:
            self._emit(iteration.done)

    def at_end(self, done: int) -> None:
        if self._count:
            self._emit(done, is_last=True)

    def state(self) -> dict[str, Any]:
        """Return the sums as JSON data; this keeps every bit of a double."""
        return {"count": self._count, "sums": {name: float(total) for name, total in self._sums.items()}}

    def restore(self, state: dict[str, Any]) -> None:
        """Load the sums of a checkpoint."""
        self._count = state["count"]
        self._sums = {name: torch.tensor(total, dtype=torch.float64) for name, total in state["sums"].items()}

    def _emit(self, done: int, is_last: bool = False) -> None:
        names = list(self._sums)
        means = (torch.stack([self._sums[name] for name in names]) / self._count).tolist()
        values = dict(zip(names, means, strict=True)) | {"lr": self._learning_rate()}
        self._events.emit(Metric(iteration=done, values=values))
        if self._said_every is not None and (is_last or done % self._said_every == 0):
            said = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
            self._events.log("info", f"iteration {done}: {said}")
        self._sums, self._count = {}, 0


@dataclass(frozen=True)
class Pace:
    """The units in which progress is counted."""

    phase: str
    total: int
    batch_size: int
    per_epoch: int


class ProgressHook(Hook):
    """Emits progress and speed of the stage. These numbers depend on the clock and are not part of the series."""

    def __init__(self, events: EventWriter, pace: Pace, every: int) -> None:
        self._events, self._pace, self._every = events, pace, every
        self._since, self._from = time.monotonic(), 0

    def at_start(self, done: int) -> None:
        self._since, self._from = time.monotonic(), done
        self._emit(done)

    def after(self, iteration: Iteration) -> None:
        if iteration.done % self._every == 0 or iteration.done == self._pace.total:
            self._emit(iteration.done)

    def _emit(self, done: int) -> None:
        seconds, iterations = time.monotonic() - self._since, done - self._from
        rate = iterations / seconds if iterations and seconds > 0 else None
        self._events.emit(
            Progress(
                phase=self._pace.phase,
                iteration=done,
                total=self._pace.total,
                epoch=done // self._pace.per_epoch,
                images_per_second=None if rate is None else round(rate * self._pace.batch_size, 1),
                seconds_left=None if rate is None else math.ceil((self._pace.total - done) / rate),
            )
        )


class CheckpointHook(Hook):
    """Writes a checkpoint when one is due, after the last iteration, and when the stage is asked to stop."""

    def __init__(
        self, save: Callable[[int], None], is_time: Callable[[int], bool], stop: StopFlag, verify: Callable[[], None]
    ) -> None:
        """Call `save(iteration)` if `is_time(iteration)`; `verify` runs first and raises if the training has failed."""
        self._save, self._is_time, self._stop, self._verify = save, is_time, stop, verify
        self._saved = 0

    def at_start(self, done: int) -> None:
        self._saved = done
        if self._stop.requested:
            raise StageInterrupted(done)

    def after(self, iteration: Iteration) -> None:
        if self._is_time(iteration.done) or self._stop.requested:
            self._save_once(iteration.done)
        if self._stop.requested:
            raise StageInterrupted(iteration.done)

    def at_end(self, done: int) -> None:
        self._save_once(done)

    def _save_once(self, done: int) -> None:
        self._verify()
        if done != self._saved:
            self._save(done)
            self._saved = done
