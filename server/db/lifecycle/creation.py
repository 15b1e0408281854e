"""Creation of runs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle.advance import advance_run
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import record_creation
from server.db.models import Experiment, Run, Stage
from server.db.states import RunState, StageState


def create_run(session: Session, experiment: Experiment, seed: int, *, cause: Cause, priority: int = 0) -> Run:
    """Create a run with its stages, and queue the first stage."""
    now = database_now(session)
    state = RunState.DRAFT.value
    run = Run(experiment=experiment, seed=seed, priority=priority, state=state, created_at=now, changed_at=now)
    session.add(run)
    session.flush()
    record_creation(session, run, run.id, cause)
    follow_up = cause.follow_up(cause.reason, cause.message)
    for spec in experiment.plan:
        stage = Stage(
            run=run,
            index=spec["index"],
            name=spec["name"],
            kind=spec["kind"],
            spec=spec,
            total_iterations=spec.get("total_iterations"),
            state=StageState.PENDING.value,
        )
        session.add(stage)
        session.flush()
        record_creation(session, stage, run.id, follow_up)
    advance_run(session, run, follow_up)
    return run
