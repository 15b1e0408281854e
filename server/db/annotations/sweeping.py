"""Changes that time alone makes in rounds of labelling; the scheduler makes this pass (ANN-3, AL-4)."""

from __future__ import annotations

from sqlalchemy import select

from server.db.annotations.closing import close_complete_rounds
from server.db.annotations.leasing import expire_leases
from server.db.clock import database_now
from server.db.models import Query
from server.db.session import Database
from server.db.states import QueryState
from server.storage import Storage


def sweep_rounds(database: Database, storage: Storage) -> int:
    """Put queries whose lease is over back into the queue, and close complete rounds; return the number of each."""
    with database.read() as session:
        overdue = (Query.state == QueryState.LEASED) & (Query.lease_until < database_now(session))
        stages = session.scalars(select(Query.stage_id).where(overdue).distinct()).all()
    expired = 0
    for stage_id in stages:
        with database.write() as session:
            expired += expire_leases(session, stage_id)
    return expired + close_complete_rounds(database, storage)
