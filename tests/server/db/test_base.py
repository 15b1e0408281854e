from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from server.db.base import new_id
from server.db.models import SchedulerLock
from server.db.session import Database


def test_new_id_is_a_version_7_uuid_of_the_present_millisecond() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    made = uuid.UUID(new_id())

    milliseconds = made.int >> 80
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= datetime.fromtimestamp(milliseconds / 1000, UTC) <= datetime.now(UTC)


def test_new_ids_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id() for _ in range(20_000)]

    assert made == sorted(made)
    assert len(set(made)) == 20_000
    assert {uuid.UUID(value).version for value in made} == {7}


def test_times_come_back_in_utc_with_their_zone(any_database: Database) -> None:
    noon_in_berlin = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with any_database.write() as session:
        session.add(SchedulerLock(name="x", holder="y", until=noon_in_berlin))

    with any_database.read() as session:
        until = session.get_one(SchedulerLock, "x").until

    assert until == datetime(2026, 7, 1, 10, 0, 0, 123456, tzinfo=UTC)
    assert until.utcoffset() == timedelta(0)


def test_a_time_without_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 7, 1)

    with pytest.raises(StatementError, match="has no zone"), database.write() as session:
        session.add(SchedulerLock(name="x", holder="y", until=naive))
