"""Moves of a stage's queries when the stage itself moves (AL-4, AL-5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.stage.spec import StageKind
from core.streams.catalog import read_stream
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import move_query
from server.db.models import Experiment, Query, QueryBatch, Run, Stage
from server.db.states import UNANSWERED_QUERY_STATES, QueryState

UNLEASED = {"author": None, "lease_until": None}
"""Columns of a query that nobody has leased."""


def is_for_people(session: Session, stage: Stage) -> bool:
    """Whether people answer a stage: it has a batch (perhaps an empty one), and no oracle took over."""
    if stage.kind != StageKind.LABEL:
        return False
    batch = session.get(QueryBatch, stage.id, populate_existing=True)
    return batch is not None and batch.by_people


def begin_to_wait(session: Session, stage: Stage, now: datetime) -> None:
    """Give a round that begins to wait for people the rule of its stream for closing by itself (AL-4)."""
    resolved = select(Experiment.resolved).join(Run, Run.experiment_id == Experiment.id).where(Run.id == stage.run_id)
    rule = read_stream(session.scalars(resolved).one()["stream"]).closing_rule()
    batch = session.get_one(QueryBatch, stage.id)
    batch.share, batch.grace_s, batch.open_until = rule.share, rule.grace_s, None
    batch.deadline = now + timedelta(hours=rule.deadline_hours) if rule.deadline_hours is not None else None


def open_queries(session: Session, stage: Stage, cause: Cause) -> None:
    """Open the withdrawn queries again, when a stage begins to wait or is reopened."""
    for query in queries_in(session, stage.id, {QueryState.WITHDRAWN}):
        move_query(session, query, QueryState.OPEN, cause.follow_up(), UNLEASED)


def withdraw_queries(session: Session, stage: Stage, cause: Cause) -> int:
    """Withdraw the unanswered queries and return how many there were; drafts are kept for their authors."""
    unanswered = queries_in(session, stage.id, UNANSWERED_QUERY_STATES)
    for query in unanswered:
        move_query(session, query, QueryState.WITHDRAWN, cause.follow_up(cause.reason, cause.message), UNLEASED)
    return len(unanswered)


def queries_in(session: Session, stage_id: str, states: Collection[QueryState]) -> list[Query]:
    """Return the queries of a stage in these states by rank, read afresh."""
    statement = select(Query).where(Query.stage_id == stage_id, Query.state.in_(states)).order_by(Query.rank, Query.id)
    return list(session.scalars(statement.execution_options(populate_existing=True)).all())
