"""Survive database outages (REC-14): retry writes instead of giving up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from server.db.session import Database

log = logging.getLogger(__name__)

OUTAGE_ERRORS = (OperationalError, InterfaceError, PoolTimeoutError)
"""SQLAlchemy's errors when the database is away, locked for too long, or out of connections."""
OUTAGE_LIMIT_S = 600.0
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 5.0

Result = TypeVar("Result")


def through_outage(action: Callable[[], Result], *, limit_s: float = OUTAGE_LIMIT_S) -> Result:
    """Carry out a transaction; retry it while the database is away.

    The action must be repeatable, because it may have been committed although the database's answer was lost.

    Raises:
        OperationalError, InterfaceError, TimeoutError: when the outage lasts longer than `limit_s`.
    """
    give_up_at = time.monotonic() + limit_s
    wait_s, pause = FIRST_WAIT_S, threading.Event()
    while True:
        try:
            return action()
        except OUTAGE_ERRORS as error:
            if time.monotonic() + wait_s >= give_up_at:
                raise
            log.warning("the database does not answer, trying again in %.1f s: %s", wait_s, brief(error))
        pause.wait(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)


def write_through(database: Database, change: Callable[[Session], Result]) -> Result:
    """Carry out a repeatable change in a writing transaction of its own; retry it while the database is away."""

    def write() -> Result:
        with database.write() as session:
            return change(session)

    return through_outage(write)


def brief(error: BaseException) -> str:
    """Return the first line of an error's message, without the SQL statement and values that SQLAlchemy adds."""
    return str(error).partition("\n")[0]
