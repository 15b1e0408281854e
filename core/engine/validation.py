"""Tests between the epochs of a training, for its curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.engine.loop import Hook, Iteration
from core.stage.events import EventWriter, Metric
from core.stage.interrupt import StageInterrupted


class ValidationHook(Hook):
    """Tests the trained model, and adds the scores to the run's series.

    A stop comes before a test. The test that it cuts short is part of the checkpoint: a resumed stage begins with it.
    """

    def __init__(self, events: EventWriter, measure: Callable[[int], Mapping[str, float]], every: int) -> None:
        """Test after every so many iterations.

        Args:
            events: of the stage.
            measure: finished iterations -> name and value of each number; raises StageInterrupted at a stop.
            every: iterations between two tests.
        """
        self._events, self._measure, self._every = events, measure, every
        self._owed: int | None = None

    def at_start(self, done: int) -> None:
        """Make up for the test that a stop cut short."""
        if self._owed == done:
            self._test(done)

    def after(self, iteration: Iteration) -> None:
        """Test when it is time."""
        if iteration.done % self._every == 0:
            self._test(iteration.done)

    def state(self) -> dict[str, Any]:
        """Return the iteration whose test is still to be done, if there is one."""
        return {"owed": self._owed}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the test that a checkpoint still owes."""
        self._owed = state["owed"]

    def _test(self, done: int) -> None:
        self._owed = done
        try:
            values = dict(self._measure(done))
        except StageInterrupted:
            # The hook that writes checkpoints comes next. It sees the request too, and keeps that the test is owed.
            return
        self._owed = None
        self._events.emit(Metric(iteration=done, values=values))
