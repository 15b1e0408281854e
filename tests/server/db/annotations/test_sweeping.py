from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from server.db.annotations import lease_next, sweep_rounds
from server.db.clock import database_now
from server.db.models import Assignment
from tests.server.db.annotations.conftest import CAUSE, Waiting


def test_leases_that_ran_out_return_and_complete_rounds_are_closed(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        for author in ("bob", "ann"):
            lease_next(session, waiting.stage.id, author, lease_s=900, cause=CAUSE)
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(Assignment).where(Assignment.query_id == waiting.ids[0]).values(lease_until=past))

    assert sweep_rounds(waiting.database, waiting.storage) == 1
    assert waiting.states() == ["open", "leased", "open"]
    for query_id in waiting.ids:
        waiting.answer(query_id)
    assert sweep_rounds(waiting.database, waiting.storage) == 1
    assert waiting.run().stages[2].state == "succeeded"
    assert sweep_rounds(waiting.database, waiting.storage) == 0
