"""Make transitions: check them against the tables, apply them conditionally, record and announce them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from server.db.clock import DatabaseTime, database_now
from server.db.feed import append_event
from server.db.lifecycle.cause import Cause, shorten
from server.db.models import Attempt, Query, Run, Stage, Transition
from server.db.states import TERMINAL_RUN_STATES, AttemptState, QueryState, RunState, StageState, allowed_targets

Subject = Run | Stage | Attempt | Query
State = RunState | StageState | AttemptState | QueryState


class IllegalTransition(Exception):
    """A change of state that the tables do not allow, or that another transaction made first.

    Attributes:
        subject: `run`, `stage`, `attempt` or `query`.
        present: the current state.
        wanted: the requested state.
        allowed: the states that may follow the current one, sorted.
    """

    def __init__(self, subject: str, present: str, wanted: str) -> None:
        self.subject, self.present, self.wanted = subject, present, wanted
        self.allowed = tuple(sorted(allowed_targets(_STATES[subject](present))))
        targets = ", ".join(self.allowed) if self.allowed else "nothing, the state is final"
        super().__init__(f"a {present} {subject} cannot become {wanted}; allowed: {targets}")


_STATES: Mapping[str, type[RunState] | type[StageState] | type[AttemptState] | type[QueryState]] = {
    "run": RunState,
    "stage": StageState,
    "attempt": AttemptState,
    "query": QueryState,
}


def move_run(session: Session, run: Run, to: RunState, cause: Cause) -> bool:
    """Move a run; announces `state`, and `end` when it is terminal. Returns False for a repeated transition id.

    Raises:
        IllegalTransition: if the table does not allow the move, or the row has changed since it was read.
    """
    now = database_now(session)
    is_end = to in TERMINAL_RUN_STATES
    # Any change of state answers a request to pause, or makes it void.
    columns: dict[str, Any] = {"finished_at": now if is_end else None, "is_pausing": False}
    if to is RunState.RUNNING and run.started_at is None:
        columns["started_at"] = now
    if not _move(session, run, to, cause, columns):
        return False
    announce_state(session, run)
    if is_end:
        append_event(session, run.id, "end", {"state": run.state})
    return True


def announce_state(session: Session, run: Run) -> None:
    """Tell the feed the state of a run, and whether it is about to pause."""
    payload = {"state": run.state, "reason": run.reason, "message": run.message, "is_pausing": run.is_pausing}
    append_event(session, run.id, "state", payload)


def move_stage(
    session: Session, stage: Stage, to: StageState, cause: Cause, columns: Mapping[str, Any] | None = None
) -> bool:
    """Move a stage, set further `columns` in the same statement, and announce `stage`. Like `move_run` otherwise."""
    if not _move(session, stage, to, cause, columns or {}):
        return False
    attempt = session.scalar(select(func.max(Attempt.number)).where(Attempt.stage_id == stage.id))
    payload = {"stage_id": stage.id, "index": stage.index, "state": stage.state, "attempt": attempt or 0}
    append_event(session, stage.run_id, "stage", payload | {"reason": stage.reason, "message": stage.message})
    return True


def move_attempt(
    session: Session, attempt: Attempt, to: AttemptState, cause: Cause, columns: Mapping[str, Any] | None = None
) -> bool:
    """Move an attempt and set further `columns` in the same statement. Like `move_run`, but announces nothing."""
    return _move(session, attempt, to, cause, columns or {})


def move_query(
    session: Session, query: Query, to: QueryState, cause: Cause, columns: Mapping[str, Any] | None = None
) -> bool:
    """Move a query and set further `columns` in the same statement. Like `move_run`, but announces nothing."""
    return _move(session, query, to, cause, columns or {})


def record_creation(session: Session, row: Subject, run_id: str, cause: Cause) -> None:
    """Write the first entry of a subject's history: its initial state."""
    session.add(_transition(row, run_id, None, row.state, cause))


def record_remark(session: Session, row: Subject, run_id: str, cause: Cause) -> None:
    """Write an action that did not change the state into a subject's history."""
    session.add(_transition(row, run_id, row.state, row.state, cause))


def _move(
    session: Session,
    row: Subject,
    to: State,
    cause: Cause,
    columns: Mapping[str, Any],
) -> bool:
    if is_repeated(session, cause):
        return False
    subject = _subject(row)
    present = row.state
    if to.value not in allowed_targets(_STATES[subject](present)):
        raise IllegalTransition(subject, present, to.value)
    values = {**columns, "state": to.value, "reason": cause.reason, "message": shorten(cause.message)}
    model = type(row)
    statement = update(model).where(model.id == row.id, model.state == present)
    # An attempt never returns to an earlier state, so its state shows whether the row has changed.
    if isinstance(row, Run | Stage | Query):
        values["revision"] = row.revision + 1
        statement = statement.where(type(row).revision == row.revision)
    changed = statement.values(**values).returning(model.id).execution_options(synchronize_session=False)
    if session.execute(changed).scalar_one_or_none() is None:
        session.refresh(row)
        raise IllegalTransition(subject, row.state, to.value)
    for column, value in values.items():
        set_committed_value(row, column, value)
    run_id = row.id if isinstance(row, Run) else row.stage.run_id if isinstance(row, Attempt) else row.run_id
    session.add(_transition(row, run_id, present, to.value, cause))
    session.flush()
    return True


def is_repeated(session: Session, cause: Cause) -> bool:
    if cause.transition_id is None:
        return False
    known = select(Transition.id).where(Transition.transition_id == cause.transition_id)
    return session.execute(known).first() is not None


def _transition(row: Subject, run_id: str, present: str | None, to: str, cause: Cause) -> Transition:
    return Transition(
        run_id=run_id,
        subject=_subject(row),
        subject_id=row.id,
        from_state=present,
        to_state=to,
        cause=cause.by,
        reason=cause.reason,
        message=shorten(cause.message),
        transition_id=cause.transition_id,
        request_id=cause.request_id,
        at=DatabaseTime(),
    )


def _subject(row: Subject) -> str:
    return type(row).__name__.lower()
