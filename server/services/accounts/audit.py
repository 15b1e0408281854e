"""Audit log of accounts, newest first."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.models import AuditEntry
from server.schemas.accounts import AuditItem
from server.schemas.page import Page
from server.services.paging import decode_cursor, encode_cursor, split_page


def list_page(session: Session, *, user_name: str | None, cursor: str | None, limit: int) -> Page[AuditItem]:
    """Return one page of the audit log, for one account or for all."""
    after = decode_cursor("audit", cursor, (int,))
    statement = select(AuditEntry).order_by(AuditEntry.id.desc())
    if user_name is not None:
        statement = statement.where(AuditEntry.user_name == user_name)
    if after is not None:
        statement = statement.where(AuditEntry.id < int(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    items = [AuditItem.model_validate(row) for row in rows]
    return Page(items=items, next_cursor=encode_cursor("audit", (last.id,)) if last else None)
