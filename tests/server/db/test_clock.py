from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from server.db.clock import DatabaseTime, database_now
from server.db.models import SchedulerLock
from server.db.session import Database


def test_database_now_is_the_present_time_in_utc(any_database: Database) -> None:
    with any_database.read() as session:
        now = database_now(session)

    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
    assert now.utcoffset() == timedelta(0)


def test_database_time_goes_on_within_a_transaction(any_database: Database) -> None:
    with any_database.write() as session:
        first = database_now(session)
        later = [database_now(session) for _ in range(200)]

    assert later == sorted(later)
    assert first < later[-1]


def test_time_written_by_the_database_compares_with_times_of_ours(any_database: Database) -> None:
    with any_database.write() as session:
        session.execute(insert(SchedulerLock).values(name="x", holder="y", until=DatabaseTime()))
        now = database_now(session)
        stored = SchedulerLock.until

        between = stored.between(now - timedelta(seconds=5), now + timedelta(seconds=5))
        names = session.scalars(select(SchedulerLock.name).where(between, stored <= DatabaseTime())).all()

    assert names == ["x"]
