"""Moves of a stage's queries when the stage itself moves (AL-4, AL-5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.stage.spec import StageKind
from core.streams.catalog import read_stream
from core.streams.hand_out import HandOut
from server.db.assistants import request_assistant
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import move_query
from server.db.models import Assignment, Experiment, Query, QueryBatch, Run, Stage
from server.db.states import UNANSWERED_QUERY_STATES, AssignmentState, QueryState

UNLEASED = {"author": None, "lease_until": None}
"""Column values of a query without a lease."""


def is_for_people(session: Session, stage: Stage) -> bool:
    """Whether people answer a stage: it has a batch, perhaps empty, and no oracle took over."""
    if stage.kind != StageKind.LABEL:
        return False
    batch = session.get(QueryBatch, stage.id, populate_existing=True)
    return batch is not None and batch.by_people


def begin_to_wait(session: Session, stage: Stage, now: datetime) -> None:
    """Set the stream's closing rules on a round that begins to wait for people (AL-4)."""
    resolved = select(Experiment.resolved).join(Run, Run.experiment_id == Experiment.id).where(Run.id == stage.run_id)
    stream = read_stream(session.scalars(resolved).one()["stream"])
    rule = stream.closing_rule()
    batch = session.get_one(QueryBatch, stage.id)
    batch.share, batch.grace_s, batch.open_until = rule.share, rule.grace_s, None
    if batch.instructions is None:
        _begin_to_hand_out(session, batch, stream.handing_out())
        request_assistant(session, stage.id, stream.handing_out().assistant)
    batch.deadline = now + timedelta(hours=rule.deadline_hours) if rule.deadline_hours is not None else None


def _begin_to_hand_out(session: Session, batch: QueryBatch, rule: HandOut) -> None:
    """Set a round's hand-out rules; later only people change them."""
    batch.ties, batch.assignment, batch.annotators = rule.ties, rule.assignment, list(rule.annotators)
    batch.instructions, batch.class_instructions = rule.instructions, dict(rule.class_instructions)
    for query in queries_in(session, batch.stage_id, set(QueryState)):
        # Ids are digests, so their first digits draw the same share of the queries every time.
        is_drawn = int(query.id[:8], 16) / 2**32 < rule.overlap_share
        query.answers_wanted = rule.overlap if is_drawn else 1
    distribute(session, batch)


def distribute(session: Session, batch: QueryBatch) -> None:
    """If the assignment is fixed, assign a round's open queries anew, in turn; work in progress stays."""
    waiting = (Assignment.stage_id == batch.stage_id) & (Assignment.state == AssignmentState.ASSIGNED)
    session.execute(delete(Assignment).where(waiting))
    if batch.assignment != "fixed":
        return
    begun = session.execute(select(Assignment.query_id, Assignment.author).where(Assignment.stage_id == batch.stage_id))
    has_begun: dict[str, set[str]] = {}
    for query_id, author in begun:
        has_begun.setdefault(query_id, set()).add(author)
    turn = 0
    for query in queries_in(session, batch.stage_id, {QueryState.OPEN, QueryState.LEASED, QueryState.WITHDRAWN}):
        at_work = has_begun.get(query.id, set())
        turns = [batch.annotators[(turn + place) % len(batch.annotators)] for place in range(len(batch.annotators))]
        left = max(0, query.answers_wanted - len(at_work))
        free = [author for author in turns if author not in at_work][:left]
        session.add_all(
            Assignment(query_id=query.id, author=author, stage_id=batch.stage_id, state=AssignmentState.ASSIGNED.value)
            for author in free
        )
        turn += query.answers_wanted
    session.flush()


def open_queries(session: Session, stage: Stage, cause: Cause) -> None:
    """Open the withdrawn queries again, when a stage begins to wait or is reopened."""
    for query in queries_in(session, stage.id, {QueryState.WITHDRAWN}):
        move_query(session, query, QueryState.OPEN, cause.follow_up(), UNLEASED)


def withdraw_queries(session: Session, stage: Stage, cause: Cause) -> int:
    """Withdraw the unanswered queries and return how many there were; drafts are kept for their authors."""
    leased = (Assignment.stage_id == stage.id) & (Assignment.state == AssignmentState.LEASED)
    for row in session.scalars(select(Assignment).where(leased)).all():
        row.state = (AssignmentState.ANSWERED if row.version else AssignmentState.ASSIGNED).value
        row.lease_until = None
    batch = session.get(QueryBatch, stage.id)
    if batch is not None and batch.assignment != "fixed":
        waiting = (Assignment.stage_id == stage.id) & (Assignment.state == AssignmentState.ASSIGNED)
        session.execute(delete(Assignment).where(waiting))
    unanswered = queries_in(session, stage.id, UNANSWERED_QUERY_STATES)
    for query in unanswered:
        move_query(session, query, QueryState.WITHDRAWN, cause.follow_up(cause.reason, cause.message), UNLEASED)
    return len(unanswered)


def queries_in(session: Session, stage_id: str, states: Collection[QueryState]) -> list[Query]:
    """Return the queries of a stage in these states by rank, read again from the database."""
    statement = select(Query).where(Query.stage_id == stage_id, Query.state.in_(states)).order_by(Query.rank, Query.id)
    return list(session.scalars(statement.execution_options(populate_existing=True)).all())
