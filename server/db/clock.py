"""The database's clock: one time for all processes, whatever their machines think (REC-7)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from server.db.base import UtcDateTime


class DatabaseTime(FunctionElement[datetime]):
    """The present time as an SQL expression; a function, because only those are kept in the cache of statements."""

    name = "database_time"
    inherit_cache = True
    type = UtcDateTime()


@compiles(DatabaseTime, "sqlite")
def _sqlite_time(_element: DatabaseTime, _compiler: Any, **_options: Any) -> str:
    # The same text form and width as stored times, so that comparing strings compares times.
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


@compiles(DatabaseTime, "postgresql")
def _postgresql_time(_element: DatabaseTime, _compiler: Any, **_options: Any) -> str:
    # now() would be the start of the transaction, which may have waited for a lock since.
    return "clock_timestamp()"


def database_now(session: Session) -> datetime:
    """Return the present time of the database, with its zone."""
    return session.execute(select(DatabaseTime())).scalar_one().astimezone(UTC)
