"""Changes that time alone makes: expired leases, waits that are over, cancellations that nobody acknowledges."""

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
    """Turn a live attempt into `lost` if its lease has run out by the database's clock; returns whether (REC-11)."""
    locked = lock_attempt(session, attempt_id)
    if locked is None:
        return False
    attempt = locked[2]
    # Judged again under the lock: its worker may have renewed it, or ended it, since the reaper looked.
    if attempt.state not in LIVE_ATTEMPT_STATES or attempt.lease_until >= database_now(session):
        return False
    message = f"worker {attempt.worker_id} was silent past the end of its lease"
    _lose(session, attempt, message, policy)
    return True


def queue_retry(session: Session, stage_id: str) -> bool:
    """Queue a stage whose wait is over; returns whether it did."""
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
    """End a run that has been `cancelling` for longer than `limit_s`, whatever its worker does; returns whether."""
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
