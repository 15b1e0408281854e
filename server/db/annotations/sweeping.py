"""The scheduler's pass over labelling rounds (ANN-3, AL-4)."""

from __future__ import annotations

from sqlalchemy import select

from server.db.annotations.closing import close_complete_rounds
from server.db.annotations.independent import settle_all
from server.db.annotations.leasing import expire_leases
from server.db.clock import database_now
from server.db.models import Assignment
from server.db.session import Database
from server.db.states import AssignmentState
from server.storage import Storage


def sweep_rounds(database: Database, storage: Storage) -> int:
    """Reopen queries with expired leases, make labels of independent answers, and close complete rounds.

    Returns the number of expired leases plus closed rounds.
    """
    with database.read() as session:
        overdue = (Assignment.state == AssignmentState.LEASED) & (Assignment.lease_until < database_now(session))
        stages = session.scalars(select(Assignment.stage_id).where(overdue).distinct()).all()
    expired = 0
    for stage_id in stages:
        with database.write() as session:
            expired += expire_leases(session, stage_id)
    settle_all(database, storage)
    return expired + close_complete_rounds(database, storage)
