from __future__ import annotations

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from server.db.lifecycle.locks import lock_attempt, lock_run, lock_run_of_stage, lock_stages
from server.db.models import Run, Stage
from server.db.session import Database
from tests.support.rows import make_claim, make_run

on_postgresql = pytest.mark.parametrize(
    "any_database", [pytest.param("postgresql", marks=pytest.mark.services)], indirect=True
)


def test_locking_reads_rows_afresh(any_database: Database) -> None:
    run = make_run(any_database)
    with any_database.write() as session:
        session.get_one(Run, run.id)
        session.get_one(Stage, run.stages[1].id)
        unnoticed = {"synchronize_session": False}
        session.execute(update(Run).values(message="new"), execution_options=unnoticed)
        session.execute(update(Stage).values(message="new"), execution_options=unnoticed)

        locked = lock_run(session, run.id)
        assert locked is not None
        messages = [locked.message, *(stage.message for stage in lock_stages(session, locked))]

    assert messages == ["new"] * 4


def test_stages_come_in_order_and_an_attempt_with_its_stage_and_run(any_database: Database) -> None:
    run = make_run(any_database)
    claimed = make_claim(any_database, run.stages[0])

    with any_database.write() as session:
        of_stage = lock_run_of_stage(session, run.stages[2].id)
        of_attempt = lock_attempt(session, claimed.lease.attempt_id)
        assert of_stage is not None
        assert of_attempt is not None
        indexes = [stage.index for stage in lock_stages(session, of_stage)]
        found = [row.id for row in of_attempt]

    assert of_stage.id == run.id
    assert indexes == [0, 1, 2]
    assert found == [run.id, run.stages[0].id, claimed.lease.attempt_id]


def test_rows_that_do_not_exist_are_none(database: Database) -> None:
    with database.write() as session:
        assert [lock(session, "x") for lock in (lock_run, lock_run_of_stage, lock_attempt)] == [None] * 3


@on_postgresql
@pytest.mark.parametrize("table", ["run", "attempt"])
def test_a_locked_row_cannot_be_locked_by_another(any_database: Database, table: str) -> None:
    claimed = make_claim(any_database, make_run(any_database).stages[0])

    with any_database.write() as session, any_database.write() as other:
        lock_attempt(session, claimed.lease.attempt_id)
        with pytest.raises(OperationalError, match="could not obtain lock"):
            other.execute(text(f"SELECT id FROM {table} FOR NO KEY UPDATE NOWAIT"))
        other.rollback()


@on_postgresql
def test_rows_that_refer_to_a_locked_run_can_be_added_meanwhile(any_database: Database) -> None:
    run = make_run(any_database)
    statement = text(
        "INSERT INTO series_summary (run_id, key, direction, count, last_stage_index, last_iteration)"
        " VALUES (:run_id, 'loss', 'min', 1, 0, 1)"
    )

    with any_database.write() as session:
        lock_run(session, run.id)
        with any_database.write() as other:
            other.execute(text("SET LOCAL lock_timeout = '2s'"))
            other.execute(statement, {"run_id": run.id})

    with any_database.read() as session:
        assert session.execute(text("SELECT count(*) FROM series_summary")).scalar_one() == 1
