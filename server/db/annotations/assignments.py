"""Each person's assignment to a query, and the resulting state of the query (ANN-1, ANN-5, ANN-6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import move_query, record_remark
from server.db.models import Assignment, Query, QueryBatch
from server.db.states import AssignmentState, QueryState

SKIPS_FOR_REVIEW = 2
"""Number of skips after which a researcher decides about a query (ANN-6)."""
FIXED = "fixed"
DONE = (AssignmentState.ANSWERED, AssignmentState.SKIPPED)


def assignments_of(session: Session, query_id: str) -> list[Assignment]:
    """Return all assignments of a query, read again from the database, ordered by name."""
    wanted = select(Assignment).where(Assignment.query_id == query_id).order_by(Assignment.author)
    return list(session.scalars(wanted.execution_options(populate_existing=True)).all())


def in_state(rows: Sequence[Assignment], state: AssignmentState) -> list[Assignment]:
    """Return the assignments in a state."""
    return [row for row in rows if row.state == state]


def assign(
    session: Session,
    query: Query,
    author: str,
    state: AssignmentState,
    *,
    lease_s: float | None = None,
    version: int | None = None,
) -> Assignment:
    """Set the state of a person's assignment to a query; a lease lasts `lease_s` from now."""
    now = database_now(session)
    until = now + timedelta(seconds=lease_s) if lease_s is not None else None
    row = session.get(Assignment, (query.id, author), populate_existing=True)
    if row is None:
        row = Assignment(query_id=query.id, author=author, stage_id=query.stage_id, version=0)
    row.state, row.lease_until, row.reason, row.changed_at = state.value, until, None, now
    session.add(row)
    if version is not None:
        row.version = version
    session.flush()
    return row


def put_back(session: Session, batch: QueryBatch, row: Assignment) -> None:
    """Take a query from a person; if it was assigned in advance, it still waits for them."""
    if row.version:
        # An answer that its author began to revise, but did not, stays an answer.
        row.state, row.lease_until = AssignmentState.ANSWERED.value, None
    elif batch.assignment == FIXED:
        row.state, row.lease_until, row.reason = AssignmentState.ASSIGNED.value, None, None
    else:
        session.delete(row)
    session.flush()


def holds(session: Session, query: Query, author: str) -> bool:
    """Whether an author holds a lease on a query."""
    row = session.get(Assignment, (query.id, author), populate_existing=True)
    return row is not None and row.state == AssignmentState.LEASED


def is_answered_enough(batch: QueryBatch, query: Query, rows: Sequence[Assignment]) -> bool:
    """Whether a query has all its independent answers, or nobody is left who could give another."""
    answered = len(in_state(rows, AssignmentState.ANSWERED))
    if answered >= query.answers_wanted:
        return True
    is_awaited = any(row.state not in DONE for row in rows)
    return batch.assignment == FIXED and answered > 0 and not is_awaited


def may_answer(batch: QueryBatch, rows: Sequence[Assignment], author: str) -> bool:
    """Whether an author may answer a query at all."""
    if batch.assignment == FIXED:
        return any(row.author == author for row in rows)
    return not batch.annotators or author in batch.annotators


def is_for(batch: QueryBatch, author: str) -> ColumnElement[bool]:
    """Return the condition that an author has neither answered nor skipped a query and may answer it."""
    mine = (Assignment.query_id == Query.id) & (Assignment.author == author)
    if batch.assignment == FIXED:
        return exists().where(mine & (Assignment.state == AssignmentState.ASSIGNED))
    return ~exists().where(mine & Assignment.state.in_(DONE))


def refresh(session: Session, batch: QueryBatch, query: Query, cause: Cause) -> None:
    """Update the state of a query that waits for answers from its assignments."""
    rows = assignments_of(session, query.id)
    leased, skipped = in_state(rows, AssignmentState.LEASED), in_state(rows, AssignmentState.SKIPPED)
    answered = len(in_state(rows, AssignmentState.ANSWERED))
    is_enough = query.answers_wanted > 1 and is_answered_enough(batch, query, rows)
    wanted = QueryState.SUBMITTED if is_enough else _state(query.answers_wanted, answered, len(leased), len(skipped))
    holder = leased[0].author if len(leased) == 1 and query.answers_wanted == 1 else None
    if wanted is QueryState.SKIPPED or wanted is QueryState.IN_REVIEW:
        holder = max(skipped, key=lambda row: row.changed_at).author
    columns = {
        "author": holder,
        "lease_until": min((row.lease_until for row in leased if row.lease_until is not None), default=None),
        "answers": answered if query.answers_wanted > 1 else query.answers,
    }
    if wanted.value == query.state:
        for name, value in columns.items():
            setattr(query, name, value)
        record_remark(session, query, query.run_id, cause)
        session.flush()
    else:
        move_query(session, query, wanted, cause, columns)


def _state(answers_wanted: int, answered: int, leased: int, skipped: int) -> QueryState:
    if leased and leased + answered >= answers_wanted:
        return QueryState.LEASED
    if skipped >= SKIPS_FOR_REVIEW and not leased:
        return QueryState.IN_REVIEW
    return QueryState.SKIPPED if skipped and not leased and not answered else QueryState.OPEN
