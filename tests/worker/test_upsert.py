"""Inserting rows that may be there already."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from server.db.base import utc_now
from server.db.migrate import upgrade
from server.db.models import SchedulerLock
from server.db.session import Database
from worker.upsert import upsert

NOW = utc_now()


def holders(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {row.name: row.holder for row in session.scalars(select(SchedulerLock))}


def insert_twice(database: Database) -> dict[str, str]:
    for holder in ("first", "second"):
        rows = [{"name": name, "holder": holder, "until": NOW} for name in ("a", holder)]
        with database.write() as session:
            upsert(session, SchedulerLock, rows, keys=["name"])
    return holders(database)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    upgrade(postgres_url)
    database = Database(postgres_url)
    yield database
    database.dispose()


def test_a_row_that_is_there_is_overwritten(database: Database) -> None:
    assert insert_twice(database) == {"a": "second", "first": "first", "second": "second"}


@pytest.mark.services
def test_a_row_that_is_there_is_overwritten_on_postgresql(postgres: Database) -> None:
    assert insert_twice(postgres) == {"a": "second", "first": "first", "second": "second"}


def test_no_rows_are_no_statement(database: Database) -> None:
    with database.write() as session:
        upsert(session, SchedulerLock, [], keys=["name"])
    assert holders(database) == {}
