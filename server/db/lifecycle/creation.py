"""Creation of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle.advance import advance_run
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import record_creation
from server.db.models import Experiment, Run, Stage
from server.db.states import RunState, StageState


@dataclass(frozen=True)
class Branch:
    """Where a run branches from another one (EXP-19).

    Attributes:
        run_id: the other run.
        shared: the stages that own what the first stages of the new run stand for, in order.
    """

    run_id: str
    shared: Sequence[Stage]


def create_run(
    session: Session,
    experiment: Experiment,
    seed: int,
    *,
    cause: Cause,
    priority: int = 0,
    branch: Branch | None = None,
) -> Run:
    """Create a run with its stages, and queue the first stage that it does not share.

    Args:
        session: the writing transaction.
        experiment: its definition.
        seed: seed of the run.
        cause: who creates it.
        priority: place in the queue.
        branch: the run that it branches from, and the stages that it shares.
    """
    now = database_now(session)
    run = Run(
        experiment=experiment,
        seed=seed,
        priority=priority,
        state=RunState.DRAFT.value,
        branched_from=branch.run_id if branch is not None else None,
        created_at=now,
        changed_at=now,
    )
    session.add(run)
    session.flush()
    record_creation(session, run, run.id, cause)
    follow_up = cause.follow_up(cause.reason, cause.message)
    shared = branch.shared if branch is not None else ()
    for spec in experiment.plan:
        stage = _stage(run, spec, shared[spec["index"]] if spec["index"] < len(shared) else None)
        session.add(stage)
        session.flush()
        record_creation(session, stage, run.id, follow_up)
    advance_run(session, run, follow_up)
    return run


def _stage(run: Run, spec: dict[str, Any], owner: Stage | None) -> Stage:
    """Return a stage of a new run; one that shares another run's stage takes its spec and length."""
    if owner is not None:
        spec = owner.spec
    return Stage(
        run=run,
        index=spec["index"],
        name=spec["name"],
        kind=spec["kind"],
        spec=spec,
        total_iterations=spec.get("total_iterations") if owner is None else owner.total_iterations,
        state=StageState.PENDING.value if owner is None else StageState.SKIPPED.value,
        shared_stage_id=None if owner is None else owner.id,
    )
