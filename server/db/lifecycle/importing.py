"""Rows of a run that has ended on another service (IO-6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import record_creation
from server.db.models import Attempt, Experiment, Run, Stage
from server.db.states import RunState, StageState


@dataclass(frozen=True)
class EndedStage:
    """A stage of a run that has succeeded elsewhere.

    Attributes:
        spec: its entry of the plan.
        total_iterations, started_at, finished_at: as they were.
        attempts: columns of its attempts; none of them is live.
        owner: the stage here that it shares; None for a stage of its own.
    """

    spec: dict[str, Any]
    total_iterations: int | None
    started_at: datetime | None
    finished_at: datetime | None
    attempts: Sequence[dict[str, Any]]
    owner: Stage | None


@dataclass(frozen=True)
class EndedRun:
    """A run that has succeeded elsewhere: its id, seed and times there, and the run here that it branched from."""

    id: str
    seed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    branched_from: str | None
    stages: Sequence[EndedStage]


def import_run(session: Session, experiment: Experiment, ended: EndedRun, *, cause: Cause) -> Run:
    """Create a run that has succeeded, under an id of its own, with its stages and attempts."""
    run = Run(
        experiment=experiment,
        seed=ended.seed,
        state=RunState.SUCCEEDED.value,
        message=f"imported; its id was {ended.id}",
        imported_from=ended.id,
        branched_from=ended.branched_from,
        created_at=ended.created_at,
        started_at=ended.started_at,
        finished_at=ended.finished_at,
        changed_at=database_now(session),
    )
    session.add(run)
    session.flush()
    record_creation(session, run, run.id, cause)
    for one in ended.stages:
        stage = Stage(
            run=run,
            index=one.spec["index"],
            name=one.spec["name"],
            kind=one.spec["kind"],
            spec=one.spec,
            total_iterations=one.total_iterations,
            state=(StageState.SUCCEEDED if one.owner is None else StageState.SKIPPED).value,
            shared_stage_id=None if one.owner is None else one.owner.id,
            started_at=one.started_at,
            finished_at=one.finished_at,
        )
        session.add(stage)
        session.flush()
        session.add_all(Attempt(stage=stage, **columns) for columns in one.attempts)
    session.flush()
    return run
