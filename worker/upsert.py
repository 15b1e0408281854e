"""Bulk INSERT … ON CONFLICT, which is the same in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from server.db.base import Base


def upsert(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], *, keys: Sequence[str]) -> None:
    """Insert rows, overwriting rows with the same keys, so that writing a batch twice changes nothing.

    Args:
        session: an open writing transaction.
        table: the mapped class.
        rows: column values; all rows have the same columns.
        keys: the columns of the unique constraint.
    """
    if not rows:
        return
    updated = [name for name in rows[0] if name not in keys]
    if session.get_bind().dialect.name == "postgresql":
        for_postgresql = postgresql_insert(table)
        changes = {name: for_postgresql.excluded[name] for name in updated}
        session.execute(for_postgresql.on_conflict_do_update(index_elements=list(keys), set_=changes), list(rows))
    else:
        for_sqlite = sqlite_insert(table)
        changes = {name: for_sqlite.excluded[name] for name in updated}
        session.execute(for_sqlite.on_conflict_do_update(index_elements=list(keys), set_=changes), list(rows))
