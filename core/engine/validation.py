"""Tests between the epochs of a training, for its score curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.engine.loop import Hook, Iteration
from core.stage.events import EventWriter, Metric
from core.stage.interrupt import StageInterrupted


class ValidationHook(Hook):
    """Tests the model between iterations, and adds the scores to the run's series.

    A request to stop interrupts a test. The checkpoint then notes the interrupted test, and a resumed stage begins
    with it.
    """

    def __init__(self, events: EventWriter, measure: Callable[[int], Mapping[str, float]], every: int) -> None:
        """Test after every `every` iterations.

        Args:
            events: event writer of the stage.
            measure: finished iterations -> name and value of each score; raises StageInterrupted at a stop.
            every: iterations between two tests.
        """
        self._events, self._measure, self._every = events, measure, every
        self._owed: int | None = None

    def at_start(self, done: int) -> None:
        """Do the test that a stop interrupted."""
        if self._owed == done:
            self._test(done)

    def after(self, iteration: Iteration) -> None:
        """Test if a test is due."""
        if iteration.done % self._every == 0:
            self._test(iteration.done)

    def state(self) -> dict[str, Any]:
        """Return the iteration of an interrupted test, if there is one."""
        return {"owed": self._owed}

    def restore(self, state: dict[str, Any]) -> None:
        """Load the iteration of an interrupted test."""
        self._owed = state["owed"]

    def _test(self, done: int) -> None:
        self._owed = done
        try:
            values = dict(self._measure(done))
        except StageInterrupted:
            # The checkpoint hook comes next. It sees the request too, and saves that this test is still to be done.
            return
        self._owed = None
        self._events.emit(Metric(iteration=done, values=values))
