"""Who works on which query, and for how long (ANN-2, ANN-3, ANN-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from server.db.annotations.completion import begin_grace
from server.db.annotations.rounds import LabelRound, announce, lock_query, lock_round, tally
from server.db.clock import DatabaseTime, database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import IllegalTransition, move_query
from server.db.lifecycle.queries import UNLEASED
from server.db.models import Query
from server.db.states import QueryState

SWEEP = "scheduler"


class LeaseLost(Exception):
    """Somebody else has the query, or the one who asks never had it.

    Attributes:
        query_id: the query that was asked for.
        holder: who has it now; None when nobody has.
    """

    def __init__(self, query: Query, author: str) -> None:
        has = f"{query.author!r} has it" if query.state == QueryState.LEASED else f"it is {query.state}"
        super().__init__(f"query {query.id} is not leased to {author!r}: {has}")
        self.query_id = query.id
        self.holder = query.author if query.state == QueryState.LEASED else None


@dataclass(frozen=True)
class NextLease:
    """What somebody got to work on.

    Attributes:
        query: what the author had leased already, else the best that was free; None = there is none.
        was_held: whether the author had it already.
        free_at: where there is none, when the first lease of another runs out; None = nothing is leased.
        counts: queries of the round by state.
    """

    query: Query | None
    was_held: bool
    free_at: datetime | None
    counts: dict[str, int]


def lease_next(session: Session, stage_id: str, author: str, *, lease_s: float, cause: Cause) -> NextLease:
    """Lease the best query that nobody has, for `lease_s` seconds; one that the author has already comes first.

    Raises:
        UnknownRound: if the stage has no queries.
        RoundClosed: if it takes no answers.
    """
    label_round = lock_round(session, stage_id)
    label_round.require_waiting()
    _expire(session, label_round)
    held = _best(session, stage_id, (Query.state == QueryState.LEASED) & (Query.author == author))
    if held is not None:
        _prolong(session, held, lease_s)
        return NextLease(held, True, None, tally(session, stage_id))
    query = _best(session, stage_id, Query.state == QueryState.OPEN)
    if query is None:
        leased = select(func.min(Query.lease_until)).where(Query.stage_id == stage_id, Query.state == QueryState.LEASED)
        return NextLease(None, False, session.scalar(leased), tally(session, stage_id))
    counts = _lease(session, label_round, query, author, lease_s=lease_s, cause=cause)
    return NextLease(query, False, None, counts)


def _best(session: Session, stage_id: str, condition: ColumnElement[bool]) -> Query | None:
    """Return the most wanted query of a stage that meets a condition, read afresh."""
    wanted = select(Query).where(Query.stage_id == stage_id, condition).order_by(Query.rank, Query.id).limit(1)
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def lease_query(session: Session, query_id: str, author: str, *, lease_s: float, cause: Cause) -> Query:
    """Lease a query of one's own choice; one that the author has already is prolonged.

    Raises UnknownQuery and RoundClosed, and LeaseLost when it is not free.
    """
    label_round, query = _waiting(session, query_id)
    _expire(session, label_round)
    if query.state == QueryState.LEASED and query.author == author:
        return renew_lease(session, query_id, author, lease_s=lease_s)
    if query.state != QueryState.OPEN:
        raise LeaseLost(query, author)
    _lease(session, label_round, query, author, lease_s=lease_s, cause=cause)
    return query


def renew_lease(session: Session, query_id: str, author: str, *, lease_s: float) -> Query:
    """Prolong a lease that is the author's; raises UnknownQuery, RoundClosed and LeaseLost."""
    _, query = _held(session, query_id, author)
    _prolong(session, query, lease_s)
    return query


def _prolong(session: Session, query: Query, lease_s: float) -> None:
    query.lease_until = database_now(session) + timedelta(seconds=lease_s)
    session.flush()


def release(session: Session, query_id: str, author: str, *, cause: Cause) -> Query:
    """Give a query back for others; the draft stays. Raises UnknownQuery, RoundClosed and LeaseLost."""
    label_round, query = _held(session, query_id, author)
    move_query(session, query, QueryState.OPEN, cause, UNLEASED)
    announce(session, label_round.stage, query)
    return query


def skip(session: Session, query_id: str, author: str, reason: str, *, cause: Cause) -> Query:
    """Leave a query unanswered, and say why; the round does not wait for it any more.

    Raises UnknownQuery, RoundClosed and LeaseLost.
    """
    label_round, query = _held(session, query_id, author)
    why = cause.follow_up("skipped", reason)
    move_query(session, query, QueryState.SKIPPED, why, {"author": author, "lease_until": None})
    begin_grace(label_round.batch, database_now(session))
    announce(session, label_round.stage, query)
    return query


def reopen_query(session: Session, query_id: str, *, cause: Cause) -> Query:
    """Open a skipped query again; raises UnknownQuery, RoundClosed, and IllegalTransition in any other state."""
    label_round, query = _waiting(session, query_id)
    if query.state != QueryState.SKIPPED:
        raise IllegalTransition("query", query.state, QueryState.OPEN)
    move_query(session, query, QueryState.OPEN, cause, UNLEASED)
    announce(session, label_round.stage, query)
    return query


def reject_answer(session: Session, query_id: str, note: str, *, cause: Cause) -> Query:
    """Send an accepted answer back: its version is kept, and the query is open again with a note.

    Raises UnknownQuery, RoundClosed, and IllegalTransition when there is no accepted answer.
    """
    label_round, query = _waiting(session, query_id)
    move_query(session, query, QueryState.REJECTED, cause.follow_up("rejected", note))
    move_query(session, query, QueryState.OPEN, cause.follow_up("rejected", note), UNLEASED)
    announce(session, label_round.stage, query)
    return query


def revise_answer(session: Session, query_id: str, author: str, *, lease_s: float, cause: Cause) -> Query:
    """Take an answered query up again: its version is kept, counts no more, and the author has the query.

    Raises UnknownQuery, RoundClosed, and IllegalTransition when there is no accepted answer.
    """
    label_round, query = _waiting(session, query_id)
    why = cause.follow_up("revised", f"{author} takes the answer of {query.author} up again")
    move_query(session, query, QueryState.REJECTED, why)
    move_query(session, query, QueryState.OPEN, why, UNLEASED)
    _lease(session, label_round, query, author, lease_s=lease_s, cause=cause)
    return query


def expire_leases(session: Session, stage_id: str) -> int:
    """Return queries whose lease is over to the queue, and return how many; drafts are kept (ANN-3)."""
    return _expire(session, lock_round(session, stage_id))


def _expire(session: Session, label_round: LabelRound) -> int:
    leased = select(Query).where(Query.stage_id == label_round.stage.id, Query.state == QueryState.LEASED)
    overdue = leased.where(or_(Query.lease_until.is_(None), Query.lease_until < DatabaseTime()))
    expired = session.scalars(overdue.execution_options(populate_existing=True)).all()
    for query in expired:
        message = f"the lease of {query.author} ran out"
        move_query(session, query, QueryState.OPEN, Cause(SWEEP, "lease_expired", message), UNLEASED)
    if expired:
        announce(session, label_round.stage)
    return len(expired)


def _lease(
    session: Session, label_round: LabelRound, query: Query, author: str, *, lease_s: float, cause: Cause
) -> dict[str, int]:
    until = database_now(session) + timedelta(seconds=lease_s)
    move_query(session, query, QueryState.LEASED, cause, {"author": author, "lease_until": until})
    return announce(session, label_round.stage, query)


def _waiting(session: Session, query_id: str) -> tuple[LabelRound, Query]:
    label_round, query = lock_query(session, query_id)
    label_round.require_waiting()
    return label_round, query


def _held(session: Session, query_id: str, author: str) -> tuple[LabelRound, Query]:
    # One whose time has run out, but that nobody else has taken yet, is still the author's.
    label_round, query = _waiting(session, query_id)
    if query.state != QueryState.LEASED or query.author != author:
        raise LeaseLost(query, author)
    return label_round, query
