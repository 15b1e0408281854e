"""The one place that decides the next state of a run."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import ReasonCode
from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.locks import lock_stages
from server.db.lifecycle.moves import move_run, move_stage
from server.db.lifecycle.queries import begin_to_wait, is_for_people, open_queries, withdraw_queries
from server.db.models import Attempt, Dispatch, Run, Stage
from server.db.session import note_queued
from server.db.states import TERMINAL_RUN_STATES, RunState, StageState

DONE_STAGE_STATES = frozenset({StageState.SUCCEEDED, StageState.SKIPPED})
OPEN_STAGE_STATES = frozenset(
    {StageState.PENDING, StageState.QUEUED, StageState.RETRY_WAIT, StageState.WAITING_ANNOTATION}
)
"""States of stages that nobody works on; cancelling a run cancels these stages at once."""

SYSTEM = Cause("system")


def advance_run(session: Session, run: Run, cause: Cause = SYSTEM) -> None:
    """Move a locked run to the state that follows from its stages; does nothing if it is already in that state.

    A run that is being cancelled and has no running stage ends. Otherwise the first unfinished stage, if pending, is
    queued or waits for people. A run without unfinished stages has succeeded.
    """
    stages = lock_stages(session, run)
    is_at_rest = run.state in TERMINAL_RUN_STATES or run.state == RunState.PAUSED
    if is_at_rest or any(stage.state == StageState.RUNNING for stage in stages):
        return
    cause = cause.follow_up(cause.reason, cause.message)
    if run.state == RunState.CANCELLING:
        end_cancelled(session, run, cause)
        return
    following = next((stage for stage in stages if stage.state not in DONE_STAGE_STATES), None)
    if following is None:
        _end_succeeded(session, run, cause)
        return
    if run.is_pausing:
        pause(session, run, following, cause)
        return
    if following.state == StageState.PENDING:
        _begin(session, following, cause)
    wanted = RunState.WAITING if following.state == StageState.WAITING_ANNOTATION else RunState.QUEUED
    if run.state != wanted:
        move_run(session, run, wanted, cause)


def pause(session: Session, run: Run, following: Stage, cause: Cause) -> None:
    """Pause a locked run whose first unfinished stage nobody works on; people may go on labelling."""
    cause = cause.follow_up(message="paused; resume it to go on")
    if following.state in {StageState.QUEUED, StageState.RETRY_WAIT}:
        # A message for the stage is void from now on: no worker claims a pending stage.
        move_stage(session, following, StageState.PENDING, cause, {"not_before": None})
    move_run(session, run, RunState.PAUSED, cause)


def give_back(session: Session, run: Run, stage: Stage, cause: Cause) -> None:
    """Queue a running stage again; a stage whose run pauses waits until it is resumed."""
    if run.is_pausing:
        move_stage(session, stage, StageState.PENDING, cause, {"not_before": None})
    else:
        queue_stage(session, stage, cause)


def _begin(session: Session, stage: Stage, cause: Cause) -> None:
    """Begin a stage whose predecessors are done: queue it, or wait for people."""
    open_queries(session, stage, cause)
    if is_for_people(session, stage):
        now = database_now(session)
        begin_to_wait(session, stage, now)
        started = {"started_at": stage.started_at or now, "finished_at": None}
        move_stage(session, stage, StageState.WAITING_ANNOTATION, cause, started)
    else:
        queue_stage(session, stage, cause)


def queue_stage(session: Session, stage: Stage, cause: Cause) -> None:
    """Move a stage to `queued` under a new dispatch number, and write its message into the outbox (REC-1)."""
    now = database_now(session)
    number = stage.dispatch_no + 1
    queue = str(stage.spec.get("queue", "default"))
    columns = {"dispatch_no": number, "queued_at": now, "not_before": None, "finished_at": None}
    move_stage(session, stage, StageState.QUEUED, cause, columns)
    session.add(Dispatch(stage_id=stage.id, dispatch_no=number, queue=queue, created_at=now))
    session.flush()
    note_queued(session, stage.id, number, queue)


def end_cancelled(session: Session, run: Run, cause: Cause) -> None:
    """Cancel the stages that nobody works on, and end the run as cancelled."""
    cancelled = cause.follow_up(ReasonCode.CANCELLED_BY_USER)
    now = database_now(session)
    for stage in lock_stages(session, run):
        if stage.state in OPEN_STAGE_STATES:
            withdraw_queries(session, stage, cancelled)
            move_stage(session, stage, StageState.CANCELLED, cancelled, {"finished_at": now, "not_before": None})
    message = f"cancelled; {attempts_taken(session, run)}"
    final = replace(cause, reason=ReasonCode.CANCELLED_BY_USER, message=message)
    move_run(session, run, RunState.CANCELLED, final)


def attempts_taken(session: Session, run: Run) -> str:
    """Return the number of attempts of each stage (SM-5), such as `attempts: step-0 1, step-1 2`."""
    statement = (
        select(Stage.name, func.count(Attempt.id))
        .outerjoin(Stage.attempts)
        .where(Stage.run_id == run.id)
        .group_by(Stage.id, Stage.name, Stage.index)
        .order_by(Stage.index)
    )
    return "attempts: " + ", ".join(f"{name} {count}" for name, count in session.execute(statement))


def _end_succeeded(session: Session, run: Run, cause: Cause) -> None:
    # A resumed run that was cancelled as its last stage ended has no work left; it only passes through `running`.
    if run.state not in {RunState.RUNNING, RunState.WAITING}:
        move_run(session, run, RunState.RUNNING, cause)
    message = f"all stages succeeded; {attempts_taken(session, run)}"
    move_run(session, run, RunState.SUCCEEDED, cause.follow_up(message=message))
