"""Leases: who works on which query, and until when (ANN-2, ANN-3, ANN-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from server.db.annotations.assignments import assign, assignments_of, holds, is_for, may_answer, put_back, refresh
from server.db.annotations.rounds import LabelRound, announce, lock_query, lock_round, tally
from server.db.clock import DatabaseTime, database_now
from server.db.lifecycle.cause import Cause
from server.db.models import Assignment, Query
from server.db.states import AssignmentState, QueryState

SWEEP = "scheduler"


class LeaseLost(Exception):
    """Another person holds the query, or the author does not hold it.

    Attributes:
        query_id: the requested query.
        holder: the current holder of its lease, or None.
    """

    def __init__(self, query: Query, author: str, why: str = "") -> None:
        self.holder = query.author if query.state == QueryState.LEASED else None
        has = f"{self.holder!r} has it" if self.holder is not None else why or f"it is {query.state}"
        super().__init__(f"query {query.id} is not leased to {author!r}: {has}")
        self.query_id = query.id


@dataclass(frozen=True)
class NextLease:
    """Result of asking for the next query.

    Attributes:
        query: the query that the author already held, or else the best free one; None = there is none.
        was_held: whether the author already held it.
        free_at: without a query, when the first lease of another person expires; None = nothing is leased.
        counts: queries of the round by state.
    """

    query: Query | None
    was_held: bool
    free_at: datetime | None
    counts: dict[str, int]


def lease_next(session: Session, stage_id: str, author: str, *, lease_s: float, cause: Cause) -> NextLease:
    """Lease the best query that an author may answer, for `lease_s` seconds; a query that they hold comes first.

    A query that another person has skipped comes after all others.

    Raises:
        UnknownRound: if the stage has no queries.
        RoundClosed: if it takes no answers.
    """
    label_round = lock_round(session, stage_id)
    label_round.require_waiting()
    _expire(session, label_round)
    batch = label_round.batch
    is_mine = (Assignment.query_id == Query.id) & (Assignment.author == author)
    held = _best(session, stage_id, exists().where(is_mine & (Assignment.state == AssignmentState.LEASED)))
    if held is not None:
        _prolong(session, held, author, lease_s)
        return NextLease(held, True, None, tally(session, stage_id))
    query = None
    if not batch.annotators or author in batch.annotators:
        query = _best(session, stage_id, (Query.state == QueryState.OPEN) & is_for(batch, author))
        query = query or _best(session, stage_id, (Query.state == QueryState.SKIPPED) & is_for(batch, author))
    if query is None:
        of_others = (Assignment.stage_id == stage_id) & (Assignment.state == AssignmentState.LEASED)
        return NextLease(
            None,
            False,
            session.scalar(select(func.min(Assignment.lease_until)).where(of_others)),
            tally(session, stage_id),
        )
    counts = lease(session, label_round, query, author, lease_s=lease_s, cause=cause)
    return NextLease(query, False, None, counts)


def _best(session: Session, stage_id: str, condition: ColumnElement[bool]) -> Query | None:
    """Return the first query of a stage, by rank, that meets a condition; read it again from the database."""
    wanted = select(Query).where(Query.stage_id == stage_id, condition).order_by(Query.rank, Query.id).limit(1)
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def lease_query(session: Session, query_id: str, author: str, *, lease_s: float, cause: Cause) -> Query:
    """Lease the query that an author chose; a lease that they hold is renewed.

    Raises UnknownQuery and RoundClosed, and LeaseLost when the query is not free, or not for this author.
    """
    label_round, query = waiting_query(session, query_id)
    _expire(session, label_round)
    if holds(session, query, author):
        return renew_lease(session, query_id, author, lease_s=lease_s)
    rows = assignments_of(session, query.id)
    if not may_answer(label_round.batch, rows, author):
        raise LeaseLost(query, author, "it is assigned to others")
    if any(row.author == author and row.state == AssignmentState.ANSWERED for row in rows):
        raise LeaseLost(query, author, "they have answered it; revise that answer")
    if query.state != QueryState.OPEN:
        raise LeaseLost(query, author)
    lease(session, label_round, query, author, lease_s=lease_s, cause=cause)
    return query


def renew_lease(session: Session, query_id: str, author: str, *, lease_s: float) -> Query:
    """Renew an author's lease; raises UnknownQuery, RoundClosed and LeaseLost."""
    _, query = held_query(session, query_id, author)
    _prolong(session, query, author, lease_s)
    return query


def _prolong(session: Session, query: Query, author: str, lease_s: float) -> None:
    until = database_now(session) + timedelta(seconds=lease_s)
    session.get_one(Assignment, (query.id, author)).lease_until = until
    if query.answers_wanted == 1:
        query.lease_until = until
    session.flush()


def prolong_if_held(session: Session, query: Query, author: str, lease_s: float) -> bool:
    """Renew a lease if the author holds it, and return whether they do."""
    is_held = holds(session, query, author)
    if is_held:
        _prolong(session, query, author, lease_s)
    return is_held


def release(session: Session, query_id: str, author: str, *, cause: Cause) -> Query:
    """Release a query for others; the draft stays. Raises UnknownQuery, RoundClosed and LeaseLost."""
    label_round, query = held_query(session, query_id, author)
    put_back(session, label_round.batch, session.get_one(Assignment, (query.id, author)))
    refresh(session, label_round.batch, query, cause)
    announce(session, label_round.stage, query)
    return query


def expire_leases(session: Session, stage_id: str) -> int:
    """Reopen queries with expired leases, and return how many; drafts are kept (ANN-3)."""
    return _expire(session, lock_round(session, stage_id))


def _expire(session: Session, label_round: LabelRound) -> int:
    leased = (Assignment.stage_id == label_round.stage.id) & (Assignment.state == AssignmentState.LEASED)
    is_overdue = or_(Assignment.lease_until.is_(None), Assignment.lease_until < DatabaseTime())
    overdue = select(Assignment).where(leased, is_overdue).execution_options(populate_existing=True)
    expired = session.scalars(overdue).all()
    for row in expired:
        query = session.get_one(Query, row.query_id, populate_existing=True)
        message = f"the lease of {row.author} ran out"
        put_back(session, label_round.batch, row)
        refresh(session, label_round.batch, query, Cause(SWEEP, "lease_expired", message))
    if expired:
        announce(session, label_round.stage)
    return len(expired)


def lease(
    session: Session, label_round: LabelRound, query: Query, author: str, *, lease_s: float, cause: Cause
) -> dict[str, int]:
    """Lease a query of a locked round to an author; returns the round's counts."""
    assign(session, query, author, AssignmentState.LEASED, lease_s=lease_s)
    refresh(session, label_round.batch, query, cause)
    return announce(session, label_round.stage, query)


def waiting_query(session: Session, query_id: str) -> tuple[LabelRound, Query]:
    """Lock a query whose round waits for people; raises UnknownQuery and RoundClosed."""
    label_round, query = lock_query(session, query_id)
    label_round.require_waiting()
    return label_round, query


def held_query(session: Session, query_id: str, author: str) -> tuple[LabelRound, Query]:
    """Lock a query that an author holds; raises UnknownQuery, RoundClosed and LeaseLost."""
    # The author still holds a query with an expired lease until another person takes it.
    label_round, query = waiting_query(session, query_id)
    if not holds(session, query, author):
        raise LeaseLost(query, author)
    return label_round, query
