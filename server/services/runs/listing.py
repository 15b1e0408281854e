"""The list of runs: pages of it, and its changes since a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.methods.catalog import scoring_of
from server.db import lifecycle
from server.db.clock import database_now
from server.db.models import Attempt, Experiment, Run, Stage
from server.db.run_scores import last_steps
from server.db.states import RunState
from server.schemas.run_list import (
    MAX_LEFT,
    RunChanges,
    RunChoices,
    RunFilters,
    RunListQuery,
    RunPage,
    RunSort,
)
from server.schemas.runs import RunSummary
from server.services.experiments.tags import tags_in_use, tags_of
from server.services.paging import split_page
from server.services.runs.eta import run_seconds_left
from server.services.runs.filters import conditions
from server.services.runs.order import AnyRow, AnySelect, RunOrder
from server.services.runs.queue_places import queue_places
from server.services.runs.views import current_stage, progress

MAX_CHANGES = 200
MAX_CHOICES = 200
MAX_QUEUED = 50
"""Number of runs at the head of the queues that each poll brings up to date."""
OVERLAP = timedelta(seconds=5)
"""Overlap of two polls for changes: a change is stamped before it is committed, so the next poll looks back."""


def list_page(session: Session, query: RunListQuery) -> RunPage:
    """Return one page of runs."""
    as_of = database_now(session) - OVERLAP
    order = RunOrder(query.sort, is_descending=query.order == "desc")
    statement = _rows_of(query, order)
    rows, last = split_page(order.read(session, statement, order.place(query.cursor), query.limit + 1), query.limit)
    return RunPage(
        items=_summaries(session, rows),
        next_cursor=order.cursor(last) if last is not None else None,
        total=_count(session, query) if query.count == "exact" else None,
        as_of=as_of,
    )


def changes(session: Session, filters: RunFilters, after: datetime) -> RunChanges:
    """Return the changes in a list since `after`, a time from an earlier response."""
    as_of = database_now(session) - OVERLAP
    newest = RunOrder(RunSort.CREATED_AT, is_descending=True)
    # The place of a queued run changes with the runs before it.
    queued = lifecycle.in_queue_order(Run.id).limit(MAX_QUEUED)
    statement = _rows_of(filters, newest).where(or_(Run.changed_at > after, Run.id.in_(queued)))
    rows = newest.read(session, statement, None, MAX_CHANGES + 1)
    changed = session.scalars(select(Run.id).where(Run.changed_at > after).limit(MAX_LEFT + MAX_CHANGES + 1)).all()
    left = set(changed) - {row.id for row in rows}
    is_complete = len(rows) <= MAX_CHANGES and len(left) <= MAX_LEFT
    return RunChanges(
        items=_summaries(session, rows) if is_complete else [],
        left=sorted(left) if is_complete else [],
        is_complete=is_complete,
        total=_count(session, filters),
        as_of=as_of,
    )


def choices(session: Session) -> RunChoices:
    """Return the datasets and tags of all runs."""
    datasets = select(Experiment.dataset).join(Run, Run.experiment_id == Experiment.id).where(Run.deleted_at.is_(None))
    statement = datasets.distinct().order_by(Experiment.dataset).limit(MAX_CHOICES)
    return RunChoices(datasets=list(session.scalars(statement)), tags=list(tags_in_use(session, MAX_CHOICES)))


def _rows_of(filters: RunFilters, order: RunOrder) -> AnySelect:
    # Select columns, not rows: an experiment's documents are large, and the list does not show them.
    return (
        select(
            Run.id,
            Run.experiment_id,
            Run.seed,
            Run.state,
            Run.is_pausing,
            Run.reason,
            Run.message,
            Run.created_at,
            Run.started_at,
            Run.finished_at,
            Run.is_archived,
            Run.priority,
            Run.revision,
            Run.last_score.label("score"),
            Run.best_score,
            Experiment.name.label("experiment_name"),
            Experiment.method,
            Experiment.preset,
            Experiment.dataset,
            Experiment.stream,
            order.column.label("sort_value"),
        )
        .join(Experiment, Experiment.id == Run.experiment_id)
        .where(*conditions(filters))
    )


def _count(session: Session, filters: RunFilters) -> int:
    joined = select(func.count()).select_from(Run).join(Experiment, Experiment.id == Run.experiment_id)
    return session.scalars(joined.where(*conditions(filters))).one()


def _summaries(session: Session, rows: Sequence[AnyRow]) -> list[RunSummary]:
    stages = _stages(session, [row.id for row in rows])
    current = {run_id: current_stage(of_run) for run_id, of_run in stages.items()}
    attempts = _last_attempts(session, [stage.id for stage in current.values() if stage is not None])
    steps = last_steps(session, [row.id for row in rows])
    tags = tags_of(session, {row.experiment_id for row in rows})
    places = queue_places(session, {row.id for row in rows if row.state == RunState.QUEUED})
    items = []
    for row in rows:
        stage = current[row.id]
        attempt = attempts.get(stage.id) if stage is not None else None
        place = places.get(row.id)
        wait = place.seconds if place is not None else None
        items.append(
            RunSummary(
                **row._mapping,
                score_step=steps.get(row.id),
                score_name=scoring_of(row.method).headline.title,
                tags=tags.get(row.experiment_id, []),
                progress=progress(stages[row.id], attempt),
                queue=place,
                seconds_left=run_seconds_left(row.state, stages[row.id], attempt, wait=wait),
            )
        )
    return items


def _stages(session: Session, run_ids: Sequence[str]) -> dict[str, list[AnyRow]]:
    columns = (Stage.run_id, Stage.id, Stage.index, Stage.name, Stage.state, Stage.total_iterations)
    statement = select(*columns, Stage.started_at, Stage.finished_at).where(Stage.run_id.in_(run_ids))
    stages: dict[str, list[AnyRow]] = {run_id: [] for run_id in run_ids}
    for row in session.execute(statement.order_by(Stage.index)):
        stages[row.run_id].append(row)
    return stages


def _last_attempts(session: Session, stage_ids: Sequence[str]) -> dict[str, AnyRow]:
    columns = (Attempt.stage_id, Attempt.phase, Attempt.iteration, Attempt.total_iterations)
    statement = select(*columns, Attempt.images_per_second, Attempt.seconds_left).where(Attempt.stage_id.in_(stage_ids))
    return {row.stage_id: row for row in session.execute(statement.order_by(Attempt.number))}
