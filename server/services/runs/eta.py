"""Estimate a run's end (LIVE-9): the rest of its stage, plus later stages at the pace of finished ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from server.db.states import RunState, StageState

LEAST_SHARE = 0.01
"""A stage's pace is not used before one percent of its iterations."""


class TimedStage(Protocol):
    """The columns of a stage that the estimate reads."""

    @property
    def state(self) -> Any: ...
    @property
    def total_iterations(self) -> Any: ...
    @property
    def started_at(self) -> Any: ...
    @property
    def finished_at(self) -> Any: ...


class TimedAttempt(Protocol):
    """The columns that the estimate reads of the last attempt at the current stage."""

    @property
    def iteration(self) -> int | None: ...
    @property
    def total_iterations(self) -> int | None: ...
    @property
    def seconds_left(self) -> Any: ...


@dataclass(frozen=True)
class _Pace:
    """Seconds per unit of size, and the seconds of a stage of unknown size."""

    per_iteration: float | None
    per_stage: float

    def seconds(self, stage: TimedStage) -> float:
        """Return the seconds that a whole stage takes."""
        if stage.total_iterations is None or self.per_iteration is None:
            return self.per_stage
        return float(stage.total_iterations * self.per_iteration)


def run_seconds_left(
    state: str, stages: Sequence[TimedStage], attempt: TimedAttempt | None, *, wait: float | None = None
) -> float | None:
    """Return the seconds until a run ends; None if there is no estimate yet.

    Args:
        state: state of the run.
        stages: stages of the run, in order.
        attempt: last attempt at the first unfinished stage.
        wait: seconds until a worker takes a queued run; None if that is not known.
    """
    if state == RunState.RUNNING:
        return seconds_of_rest(stages, attempt)
    rest = seconds_of_rest(stages, attempt) if state == RunState.QUEUED and wait is not None else None
    return None if rest is None or wait is None else wait + rest


def seconds_of_rest(stages: Sequence[TimedStage], attempt: TimedAttempt | None) -> float | None:
    """Return the seconds of work that are left of a run; None if its pace is not known. See `run_seconds_left`."""
    left = [stage for stage in stages if stage.state not in {StageState.SUCCEEDED, StageState.SKIPPED}]
    if not left:
        return None
    present, *later = left
    is_working = present.state == StageState.RUNNING and attempt is not None
    known = _known_left(attempt) if attempt is not None and is_working else None
    pace = _finished_pace(stages) or _present_pace(attempt, known)
    if pace is None:
        return known if not later else None
    return (pace.seconds(present) if known is None else known) + sum(pace.seconds(stage) for stage in later)


def _known_left(attempt: TimedAttempt) -> float | None:
    done, total = attempt.iteration or 0, attempt.total_iterations
    if attempt.seconds_left is None or not total or done < LEAST_SHARE * total:
        return None
    return float(attempt.seconds_left)


def _finished_pace(stages: Sequence[TimedStage]) -> _Pace | None:
    finished = [stage for stage in stages if stage.state == StageState.SUCCEEDED and stage.started_at is not None]
    if not finished:
        return None
    times = [(stage.finished_at - stage.started_at).total_seconds() for stage in finished]
    sized = [(stage.total_iterations, time) for stage, time in zip(finished, times, strict=True)]
    iterations = sum(total for total, _ in sized if total)
    per_iteration = sum(time for total, time in sized if total) / iterations if iterations else None
    return _Pace(per_iteration, sum(times) / len(times))


def _present_pace(attempt: TimedAttempt | None, known: float | None) -> _Pace | None:
    if attempt is None or known is None or attempt.iteration is None or not attempt.total_iterations:
        return None
    to_do = attempt.total_iterations - attempt.iteration
    return _Pace(known / to_do, known / to_do * attempt.total_iterations) if to_do > 0 else None
