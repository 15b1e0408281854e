"""Requests of people: cancel and resume. Repeating a request changes nothing (SM-6)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from core.errors import ReasonCode
from server.db.lifecycle.advance import DONE_STAGE_STATES, advance_run, end_cancelled
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.locks import lock_run, lock_stages
from server.db.lifecycle.moves import is_repeated, move_run, move_stage
from server.db.models import Run
from server.db.states import RunState, StageState

CANCELLED_AT_ONCE = frozenset({RunState.DRAFT, RunState.QUEUED, RunState.WAITING, RunState.PAUSED})
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
    run = _locked(session, run_id)
    if run.state in {RunState.CANCELLING, RunState.CANCELLED} or is_repeated(session, cause):
        return run, False
    if run.state in CANCELLED_AT_ONCE:
        end_cancelled(session, run, cause)
        return run, True
    message = "the worker has been asked to stop"
    asked = replace(cause, reason=ReasonCode.CANCELLED_BY_USER, message=message)
    move_run(session, run, RunState.CANCELLING, asked)
    return run, True


def resume_run(session: Session, run_id: str, *, cause: Cause) -> tuple[Run, bool]:
    """Continue a failed, cancelled or paused run from its first unfinished stage, with a new series of attempts.

    Returns:
        The run, and whether anything changed.

    Raises:
        UnknownRun: if there is no such run.
        IllegalTransition: if the run is being cancelled, or has succeeded.
    """
    run = _locked(session, run_id)
    if run.state in ON_ITS_WAY or is_repeated(session, cause):
        return run, False
    move_run(session, run, RunState.QUEUED, cause)
    follow_up = cause.follow_up()
    for stage in lock_stages(session, run):
        if stage.state not in DONE_STAGE_STATES and stage.state != StageState.PENDING:
            columns = {"series": stage.series + 1, "finished_at": None, "not_before": None}
            move_stage(session, stage, StageState.PENDING, follow_up, columns)
    advance_run(session, run, follow_up)
    return run, True


def _locked(session: Session, run_id: str) -> Run:
    run = lock_run(session, run_id)
    if run is None:
        raise UnknownRun(run_id)
    return run
