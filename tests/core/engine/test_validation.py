"""Tests between epochs, and what a stop does to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core.data.loaders import Batch
from core.engine.loop import Iteration
from core.engine.validation import ValidationHook
from core.stage.events import EventWriter, Metric
from core.stage.folder import EVENTS_FILE
from core.stage.interrupt import StageInterrupted
from tests.support.local_runs import events_of


def finished(done: int) -> Iteration:
    return Iteration(done, Batch(torch.zeros(0), torch.zeros(0), np.zeros(0, np.int64)), {})


def stopped(done: int) -> dict[str, float]:
    raise StageInterrupted(done)


def test_points_come_at_their_interval(tmp_path: Path) -> None:
    hook = ValidationHook(EventWriter(tmp_path / EVENTS_FILE), lambda done: {"miou": done / 10}, every=2)

    for done in range(1, 6):
        hook.after(finished(done))

    assert [(point.iteration, point.values) for point in events_of(tmp_path, Metric)] == [
        (2, {"miou": 0.2}),
        (4, {"miou": 0.4}),
    ]


def test_test_that_a_stop_cut_short_is_done_once_when_the_stage_goes_on(tmp_path: Path) -> None:
    events = EventWriter(tmp_path / EVENTS_FILE)
    cut_short = ValidationHook(events, stopped, every=2)
    cut_short.after(finished(2))
    assert events_of(tmp_path, Metric) == []

    resumed = ValidationHook(events, lambda _: {"miou": 1.0}, every=2)
    resumed.restore(cut_short.state())
    resumed.at_start(2)
    resumed.at_start(2)

    assert [point.iteration for point in events_of(tmp_path, Metric)] == [2]
    assert resumed.state() == {"owed": None}


def test_resumed_stage_owes_nothing_for_a_test_that_was_done(tmp_path: Path) -> None:
    hook = ValidationHook(EventWriter(tmp_path / EVENTS_FILE), lambda _: {"miou": 1.0}, every=2)
    hook.after(finished(2))

    hook.at_start(2)

    assert [point.iteration for point in events_of(tmp_path, Metric)] == [2]
