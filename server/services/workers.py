"""List workers by their heartbeats."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.models import Dataset, Stage, Worker
from server.schemas.workers import WorkerDataset, WorkerPage, WorkerStage, WorkerSummary
from server.services.paging import decode_cursor, encode_cursor, split_page

FORGOTTEN_AFTER = timedelta(hours=24)
"""Workers that are silent for longer are not listed (REC-24)."""


def list_page(session: Session, *, offline_after_s: float, cursor: str | None, limit: int) -> WorkerPage:
    """Return one page of workers by id; a worker silent for `offline_after_s` is shown as offline."""
    now = database_now(session)
    after = decode_cursor("workers", cursor, (str,))
    statement = select(Worker).where(Worker.last_seen_at > now - FORGOTTEN_AFTER).order_by(Worker.id)
    if after is not None:
        statement = statement.where(Worker.id > str(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    silent_since = now - timedelta(seconds=offline_after_s)
    items = [_summary(session, row, is_silent=row.last_seen_at < silent_since) for row in rows]
    return WorkerPage(items=items, next_cursor=encode_cursor("workers", (last.id,)) if last else None, now=now)


def _summary(session: Session, worker: Worker, *, is_silent: bool) -> WorkerSummary:
    summary = WorkerSummary.model_validate(worker)
    if is_silent:
        return summary.model_copy(update={"state": "offline"})
    stage = session.get(Stage, worker.stage_id) if worker.stage_id is not None else None
    dataset = session.get(Dataset, worker.dataset_id) if worker.dataset_id is not None else None
    has = {
        "stage": WorkerStage.model_validate(stage) if stage is not None else None,
        "dataset": WorkerDataset.model_validate(dataset) if dataset is not None else None,
    }
    return summary.model_copy(update=has)
