"""Workers, as their heartbeats show them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.models import Worker
from server.schemas.page import Page
from server.schemas.workers import WorkerSummary
from server.services.paging import decode_cursor, encode_cursor, split_page

FORGOTTEN_AFTER = timedelta(hours=24)
"""Workers that were silent for longer are not listed (REC-24)."""


def list_page(session: Session, *, offline_after_s: float, cursor: str | None, limit: int) -> Page[WorkerSummary]:
    """Return one page of workers by id; one that was silent for `offline_after_s` is shown as offline."""
    now = database_now(session)
    after = decode_cursor("workers", cursor, (str,))
    statement = select(Worker).where(Worker.last_seen_at > now - FORGOTTEN_AFTER).order_by(Worker.id)
    if after is not None:
        statement = statement.where(Worker.id > str(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    items = [WorkerSummary.model_validate(row) for row in rows]
    silent_since = now - timedelta(seconds=offline_after_s)
    return Page(
        items=[
            item.model_copy(update={"state": "offline"}) if item.last_seen_at < silent_since else item for item in items
        ],
        next_cursor=encode_cursor("workers", (last.id,)) if last else None,
    )
