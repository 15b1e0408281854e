"""The database's clock: one time for all processes, independent of their machines' clocks (REC-7)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from server.db.base import UtcDateTime


class DatabaseTime(FunctionElement[datetime]):
    """The current time as an SQL expression; a function, because only functions enter the statement cache."""

    name = "database_time"
    inherit_cache = True
    type = UtcDateTime()


@compiles(DatabaseTime, "sqlite")
def _sqlite_time(_element: DatabaseTime, _compiler: Any, **_options: Any) -> str:
    # Use the text form and width of stored times, so that comparing strings compares times.
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


@compiles(DatabaseTime, "postgresql")
def _postgresql_time(_element: DatabaseTime, _compiler: Any, **_options: Any) -> str:
    # now() would be the start of the transaction, which may have waited for a lock since.
    return "clock_timestamp()"


def database_now(session: Session) -> datetime:
    """Return the database's current time, with its zone."""
    return session.execute(select(DatabaseTime())).scalar_one().astimezone(UTC)
