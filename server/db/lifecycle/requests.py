"""Requests of people: cancel and resume. Repeating a request changes nothing (SM-6)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from core.errors import ReasonCode
from server.db.lifecycle.advance import DONE_STAGE_STATES, advance_run, end_cancelled
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.locks import lock_run, lock_stages
from server.db.lifecycle.moves import (
    announce_state,
    is_repeated,
    move_run,
    move_stage,
    record_remark,
)
from server.db.models import Run
from server.db.states import RunState, StageState

CANCELLED_AT_ONCE = frozenset({RunState.DRAFT, RunState.QUEUED, RunState.WAITING, RunState.PAUSED})
WITH_PEOPLE = frozenset({StageState.WAITING_ANNOTATION})
ON_ITS_WAY = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.WAITING})


class UnknownRun(LookupError):
    """There is no run with this id."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} does not exist")
        self.run_id = run_id


def request_cancel(session: Session, run_id: str, *, cause: Cause) -> tuple[Run, bool]:
    """Cancel a run: at once if no worker works on it; otherwise the next heartbeat tells its worker.

    Returns:
        The run, and whether anything changed.

    Raises:
        UnknownRun: if there is no such run.
        IllegalTransition: if the run has succeeded or failed.
    """
    run = locked(session, run_id)
    if run.state in {RunState.CANCELLING, RunState.CANCELLED} or is_repeated(session, cause):
        return run, False
    if run.state in CANCELLED_AT_ONCE:
        end_cancelled(session, run, cause)
        return run, True
    message = "the worker has been asked to stop"
    asked = replace(cause, reason=ReasonCode.CANCELLED_BY_USER, message=message)
    move_run(session, run, RunState.CANCELLING, asked)
    return run, True


def note(session: Session, run: Run, cause: Cause) -> None:
    """Record and announce a request that leaves the state of a run as it is."""
    run.revision += 1
    session.flush()
    record_remark(session, run, run.id, cause)
    announce_state(session, run)


def resume_run(session: Session, run_id: str, *, cause: Cause) -> tuple[Run, bool]:
    """Continue a failed, cancelled or paused run from its first unfinished stage.

    A stage that failed or was cancelled begins a new series of attempts. A run that is about to pause goes on.

    Returns:
        The run, and whether anything changed.

    Raises:
        UnknownRun: if there is no such run.
        IllegalTransition: if the run is being cancelled, or has succeeded.
    """
    run = locked(session, run_id)
    if is_repeated(session, cause):
        return run, False
    if run.is_pausing:
        run.is_pausing = False
        note(session, run, replace(cause, message="asked to go on instead of pausing"))
        return run, True
    if run.state in ON_ITS_WAY:
        return run, False
    stages = lock_stages(session, run)
    is_with_people = run.state == RunState.PAUSED and any(stage.state in WITH_PEOPLE for stage in stages)
    move_run(session, run, RunState.WAITING if is_with_people else RunState.QUEUED, cause)
    follow_up = cause.follow_up()
    for stage in stages:
        if stage.state not in DONE_STAGE_STATES | WITH_PEOPLE and stage.state != StageState.PENDING:
            columns = {"series": stage.series + 1, "finished_at": None, "not_before": None}
            move_stage(session, stage, StageState.PENDING, follow_up, columns)
    advance_run(session, run, follow_up)
    return run, True


def locked(session: Session, run_id: str) -> Run:
    """Lock and return a run; raises UnknownRun."""
    run = lock_run(session, run_id)
    if run is None:
        raise UnknownRun(run_id)
    return run
