"""Changes caused by time: expired leases, finished retry waits, unacknowledged cancellations."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import ReasonCode
from server.db.clock import database_now
from server.db.lifecycle.advance import advance_run, queue_stage
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.locks import lock_attempt, lock_run, lock_run_of_stage, lock_stages
from server.db.lifecycle.retries import RetryPolicy
from server.db.lifecycle.settling import Ending, settle_ending
from server.db.models import Attempt, Stage, Transition
from server.db.states import LIVE_ATTEMPT_STATES, AttemptState, RunState, StageState

REAPER = "reaper"


def expire_lease(session: Session, attempt_id: str, policy: RetryPolicy) -> bool:
    """Mark a live attempt `lost` if its lease has expired by the database's clock; returns whether it did (REC-11)."""
    locked = lock_attempt(session, attempt_id)
    if locked is None:
        return False
    attempt = locked[2]
    # Check again under the lock: the worker may have renewed or ended the attempt since the reaper's check.
    if attempt.state not in LIVE_ATTEMPT_STATES or attempt.lease_until >= database_now(session):
        return False
    message = f"worker {attempt.worker_id} was silent past the end of its lease"
    _lose(session, attempt, message, policy)
    return True


def queue_retry(session: Session, stage_id: str) -> bool:
    """Queue a stage whose retry wait is over; returns whether it did."""
    run = lock_run_of_stage(session, stage_id)
    if run is None:
        return False
    stage = next(stage for stage in lock_stages(session, run) if stage.id == stage_id)
    is_due = stage.not_before is None or stage.not_before <= database_now(session)
    if stage.state != StageState.RETRY_WAIT or not is_due:
        return False
    queue_stage(session, stage, Cause("dispatcher", stage.reason, "the wait is over"))
    return True


def end_overdue_cancellation(session: Session, run_id: str, *, limit_s: float, policy: RetryPolicy) -> bool:
    """End a run that has been `cancelling` for over `limit_s`, whatever its worker does; returns whether it did."""
    run = lock_run(session, run_id)
    if run is None or run.state != RunState.CANCELLING:
        return False
    asked = session.execute(
        select(func.max(Transition.at)).where(
            Transition.subject_id == run_id, Transition.to_state == RunState.CANCELLING.value
        )
    ).scalar_one()
    if asked + timedelta(seconds=limit_s) > database_now(session):
        return False
    statement = select(Attempt.id).join(Stage).where(Stage.run_id == run_id, Attempt.state.in_(LIVE_ATTEMPT_STATES))
    for attempt_id in session.scalars(statement).all():
        locked = lock_attempt(session, attempt_id)
        if locked is not None:
            _lose(session, locked[2], f"worker did not acknowledge the cancellation within {limit_s:g} s", policy)
    advance_run(session, run, Cause(REAPER))
    return True


def _lose(session: Session, attempt: Attempt, message: str, policy: RetryPolicy) -> None:
    cause = Cause(REAPER, ReasonCode.WORKER_LOST, message)
    settle_ending(session, attempt, Ending(AttemptState.LOST, cause), policy)
