"""Skip queries, reject or revise answers, and decide queries in review (ANN-6, QA-3)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.db.annotations.assignments import FIXED, assign, assignments_of, in_state, refresh
from server.db.annotations.completion import begin_grace
from server.db.annotations.leasing import held_query, lease, waiting_query
from server.db.annotations.rounds import announce
from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import IllegalTransition, move_query
from server.db.lifecycle.queries import UNLEASED
from server.db.models import Query, QueryBatch
from server.db.states import AssignmentState, QueryState

UNDECIDED = frozenset({QueryState.SKIPPED, QueryState.IN_REVIEW})


def skip(session: Session, query_id: str, author: str, reason: str, *, cause: Cause) -> Query:
    """Skip a query with a reason; a query that two people skip goes to a researcher.

    Raises UnknownQuery, RoundClosed and LeaseLost.
    """
    label_round, query = held_query(session, query_id, author)
    assign(session, query, author, AssignmentState.SKIPPED).reason = reason
    refresh(session, label_round.batch, query, cause.follow_up("skipped", reason))
    begin_grace(label_round.batch, database_now(session))
    announce(session, label_round.stage, query)
    return query


def leave_reviewed(session: Session, query_id: str, author: str, reason: str, *, cause: Cause) -> Query:
    """Decide that a query in review gets no answer; raises UnknownQuery, RoundClosed and IllegalTransition."""
    label_round, query = waiting_query(session, query_id)
    if query.state != QueryState.IN_REVIEW:
        raise IllegalTransition("query", query.state, QueryState.SKIPPED)
    columns = {"author": author, "lease_until": None}
    move_query(session, query, QueryState.SKIPPED, cause.follow_up("skipped", reason), columns)
    begin_grace(label_round.batch, database_now(session))
    announce(session, label_round.stage, query)
    return query


def accept_reviewed(session: Session, query_id: str, *, cause: Cause) -> Query:
    """Accept the label that was made from independent answers.

    Raises UnknownQuery, RoundClosed, and IllegalTransition when no such label is in review.
    """
    label_round, query = waiting_query(session, query_id)
    if query.state != QueryState.IN_REVIEW or not query.version:
        raise IllegalTransition("query", query.state, QueryState.ACCEPTED)
    move_query(session, query, QueryState.ACCEPTED, cause)
    begin_grace(label_round.batch, database_now(session))
    announce(session, label_round.stage, query)
    return query


def reopen_query(session: Session, query_id: str, *, cause: Cause) -> Query:
    """Reopen a query that was skipped or went to a researcher, for everybody.

    Raises UnknownQuery, RoundClosed, and IllegalTransition in any other state.
    """
    label_round, query = waiting_query(session, query_id)
    if query.state not in UNDECIDED:
        raise IllegalTransition("query", query.state, QueryState.OPEN)
    _forget(session, label_round.batch, query)
    move_query(session, query, QueryState.OPEN, cause, UNLEASED | {"answers": 0})
    announce(session, label_round.stage, query)
    return query


def reject_answer(session: Session, query_id: str, note: str, *, cause: Cause) -> Query:
    """Reject an accepted answer: its version is kept, and the query is open again with a note, for everybody.

    Raises UnknownQuery, RoundClosed, and IllegalTransition when there is no accepted answer.
    """
    label_round, query = waiting_query(session, query_id)
    move_query(session, query, QueryState.REJECTED, cause.follow_up("rejected", note))
    _forget(session, label_round.batch, query)
    move_query(session, query, QueryState.OPEN, cause.follow_up("rejected", note), UNLEASED | {"answers": 0})
    announce(session, label_round.stage, query)
    return query


def revise_answer(session: Session, query_id: str, author: str, *, lease_s: float, cause: Cause) -> Query:
    """Lease an answered query to its author again: the version is kept, but does not count any more.

    For independent answers, each author revises only their own.

    Raises UnknownQuery, RoundClosed, and IllegalTransition when the author has no answer to revise.
    """
    label_round, query = waiting_query(session, query_id)
    if query.answers_wanted > 1:
        answered = in_state(assignments_of(session, query.id), AssignmentState.ANSWERED)
        if author not in {row.author for row in answered}:
            raise IllegalTransition("query", query.state, QueryState.REJECTED)
        whose = "their own answer"
    else:
        whose = f"the answer of {query.author}"
    why = cause.follow_up("revised", f"{author} takes {whose} up again")
    if query.answers_wanted == 1 or query.state in {QueryState.ACCEPTED, QueryState.SUBMITTED, QueryState.IN_REVIEW}:
        move_query(session, query, QueryState.REJECTED, why)
        move_query(session, query, QueryState.OPEN, why, UNLEASED)
    if query.answers_wanted == 1:
        _forget(session, label_round.batch, query)
    lease(session, label_round, query, author, lease_s=lease_s, cause=cause)
    return query


def _forget(session: Session, batch: QueryBatch, query: Query) -> None:
    """Reset all assignments of a query; the versions stay."""
    for row in assignments_of(session, query.id):
        if batch.assignment == FIXED:
            row.state, row.lease_until, row.reason, row.version = AssignmentState.ASSIGNED.value, None, None, 0
        else:
            session.delete(row)
    session.flush()
