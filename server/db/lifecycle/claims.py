"""Claim a stage for a worker by one conditional update, so that only one of many messages has an effect (REC-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.leases import Lease
from server.db.lifecycle.locks import lock_run_of_stage, lock_stages
from server.db.lifecycle.moves import move_run, move_stage, record_creation
from server.db.models import Attempt
from server.db.states import AttemptState, RunState, StageState


@dataclass(frozen=True)
class Claim:
    """A stage that now belongs to a worker.

    Attributes:
        lease: shown with every write.
        number: number of the attempt within the stage, from 1; part of its folder's name.
        series: number of the series of attempts; it rises when a person resumes the run.
    """

    lease: Lease
    number: int
    series: int


def claim(session: Session, stage_id: str, dispatch_no: int, *, worker_id: str, lease_ttl_s: float) -> Claim | None:
    """Claim a queued stage and open an attempt; None when the message is void: repeated, overtaken, or of no stage."""
    run = lock_run_of_stage(session, stage_id)
    if run is None:
        return None
    stage = next(stage for stage in lock_stages(session, run) if stage.id == stage_id)
    if stage.state != StageState.QUEUED or stage.dispatch_no != dispatch_no:
        return None
    cause = Cause(f"worker:{worker_id}")
    now = database_now(session)
    number = (session.scalar(select(func.max(Attempt.number)).where(Attempt.stage_id == stage_id)) or 0) + 1
    attempt = Attempt(
        stage_id=stage_id,
        number=number,
        series=stage.series,
        fencing_token=stage.fencing_token + 1,
        worker_id=worker_id,
        state=AttemptState.LEASED.value,
        lease_until=now + timedelta(seconds=lease_ttl_s),
        started_at=now,
    )
    session.add(attempt)
    session.flush()
    record_creation(session, attempt, run.id, cause)
    columns = {"fencing_token": attempt.fencing_token, "started_at": stage.started_at or now, "not_before": None}
    move_stage(session, stage, StageState.RUNNING, cause, columns)
    move_run(session, run, RunState.RUNNING, cause)
    return Claim(Lease(attempt.id, stage_id, run.id, attempt.fencing_token), number, stage.series)
