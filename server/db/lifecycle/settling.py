"""End an attempt and update its stage and run; each ending is one transaction (REC-18, SM-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import ReasonCode
from server.db.clock import database_now
from server.db.lifecycle.advance import advance_run, attempts_taken, give_back
from server.db.lifecycle.cause import Cause, shorten
from server.db.lifecycle.leases import Lease, cause_of, guard
from server.db.lifecycle.moves import IllegalTransition, move_attempt, move_run, move_stage
from server.db.lifecycle.retries import RetryPolicy
from server.db.models import Attempt, Run, Stage
from server.db.states import AttemptState, RunState, StageState

TRACE_BYTES = 64 * 1024
DEFAULT_POLICY = RetryPolicy()


@dataclass(frozen=True)
class Ending:
    """An unsuccessful ending of an attempt."""

    state: AttemptState
    cause: Cause
    trace: str | None = None


def settle_succeeded(session: Session, lease: Lease, outputs: Mapping[str, Any]) -> None:
    """Settle a stage as succeeded, and queue the next stage or end the run (REC-18); raises StaleLease.

    Write artifacts, scores and memory items of the stage in the same transaction, before this call.

    Args:
        session: the writing transaction.
        lease: lease of the attempt.
        outputs: see `Stage.outputs`.
    """
    attempt = guard(session, lease)
    stage, cause, now = attempt.stage, cause_of(attempt), database_now(session)
    move_attempt(session, attempt, AttemptState.SUCCEEDED, cause, {"finished_at": now})
    columns = {"outputs": dict(outputs), "finished_at": now}
    move_stage(session, stage, StageState.SUCCEEDED, cause, columns)
    advance_run(session, stage.run, cause)


def settle_failed(
    session: Session,
    lease: Lease,
    reason: str,
    message: str,
    trace: str | None = None,
    policy: RetryPolicy = DEFAULT_POLICY,
) -> None:
    """End an attempt that reported an error: its stage waits for a retry, or fails with its run.

    Raises StaleLease.
    """
    attempt = guard(session, lease)
    settle_ending(session, attempt, Ending(AttemptState.FAILED, cause_of(attempt, reason, message), trace), policy)


def settle_lost(
    session: Session,
    lease: Lease,
    reason: str = ReasonCode.WORKER_LOST,
    message: str = "the stage process died without an ending",
    policy: RetryPolicy = DEFAULT_POLICY,
) -> None:
    """End an attempt after its worker saw the stage process die (REC-12); raises StaleLease."""
    attempt = guard(session, lease)
    settle_ending(session, attempt, Ending(AttemptState.LOST, cause_of(attempt, reason, message)), policy)


def settle_yielded(session: Session, lease: Lease) -> None:
    """Give a stage back: it is queued again, at once or when its paused run is resumed; raises StaleLease.

    The attempt is not used up.
    """
    attempt = guard(session, lease)
    stage, run = attempt.stage, attempt.stage.run
    cause = cause_of(attempt, message="its worker gave it back")
    move_attempt(session, attempt, AttemptState.YIELDED, cause, {"finished_at": database_now(session)})
    if run.state == RunState.CANCELLING:
        _cancel(session, stage, run, cause)
        return
    give_back(session, run, stage, cause)
    advance_run(session, run, cause)


def settle_cancelled(session: Session, lease: Lease) -> None:
    """Acknowledge a cancellation: stage and run end as cancelled.

    Raises StaleLease, and IllegalTransition if nobody requested the cancellation.
    """
    attempt = guard(session, lease)
    if attempt.stage.run.state != RunState.CANCELLING:
        raise IllegalTransition("run", attempt.stage.run.state, RunState.CANCELLED)
    cause = cause_of(attempt, ReasonCode.CANCELLED_BY_USER)
    move_attempt(session, attempt, AttemptState.CANCELLED, cause, {"finished_at": database_now(session)})
    _cancel(session, attempt.stage, attempt.stage.run, cause)


def settle_ending(session: Session, attempt: Attempt, ending: Ending, policy: RetryPolicy) -> None:
    """End a locked, live attempt without success, and decide the next states of its stage and run."""
    stage, run, cause = attempt.stage, attempt.stage.run, ending.cause
    now = database_now(session)
    move_attempt(
        session, attempt, ending.state, cause, {"finished_at": now, "trace": shorten(ending.trace, TRACE_BYTES)}
    )
    if run.state == RunState.CANCELLING:
        _cancel(session, stage, run, cause)
        return
    in_series = select(Attempt).where(Attempt.stage_id == stage.id, Attempt.series == stage.series)
    wait_s = policy.wait_s(cause.reason or ReasonCode.INTERNAL, session.scalars(in_series).all())
    if wait_s is None:
        _fail(session, stage, run, cause)
        return
    if wait_s > 0:
        move_stage(session, stage, StageState.RETRY_WAIT, cause, {"not_before": now + timedelta(seconds=wait_s)})
    else:
        give_back(session, run, stage, cause)
    advance_run(session, run, cause)


def _fail(session: Session, stage: Stage, run: Run, cause: Cause) -> None:
    move_stage(session, stage, StageState.FAILED, cause, {"finished_at": database_now(session)})
    message = f"stage {stage.name} failed: {cause.message}; {attempts_taken(session, run)}"
    move_run(session, run, RunState.FAILED, Cause(cause.by, cause.reason, message))


def _cancel(session: Session, stage: Stage, run: Run, cause: Cause) -> None:
    by_user = Cause(cause.by, ReasonCode.CANCELLED_BY_USER, cause.message)
    move_stage(session, stage, StageState.CANCELLED, by_user, {"finished_at": database_now(session)})
    advance_run(session, run, by_user)
