from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from server.db.clock import database_now
from server.db.models import Experiment, Run, SchedulerLock
from server.db.session import Database, after_commit, note_queued
from tests.support.rows import make_experiment


class InterruptionError(Exception):
    pass


def test_write_commits_at_the_end(any_database: Database) -> None:
    with any_database.write() as session:
        made = make_experiment(session)

    with any_database.read() as session:
        assert session.get_one(Experiment, made.id).name == "test"


def test_write_rolls_back_when_an_exception_leaves_it(any_database: Database) -> None:
    with pytest.raises(InterruptionError), any_database.write() as session:
        make_experiment(session)
        raise InterruptionError

    with any_database.read() as session:
        assert session.scalars(select(Experiment)).all() == []


def test_read_drops_what_it_changed(any_database: Database) -> None:
    with any_database.read() as session:
        make_experiment(session)

    with any_database.read() as session:
        assert session.scalars(select(Experiment)).all() == []


def test_callbacks_run_after_the_commit_in_order(any_database: Database) -> None:
    seen: list[str] = []

    def look(name: str) -> None:
        with any_database.read() as session:
            seen.append(f"{name} sees {len(session.scalars(select(Experiment)).all())}")

    with any_database.write() as session:
        after_commit(session, lambda: look("first"))
        after_commit(session, lambda: look("second"))
        make_experiment(session)

    assert seen == ["first sees 1", "second sees 1"]


def test_callbacks_do_not_run_after_a_rollback(database: Database) -> None:
    seen: list[str] = []
    database.on_queued = lambda _queued: seen.append("queued")

    with pytest.raises(InterruptionError), database.write() as session:
        after_commit(session, lambda: seen.append("callback"))
        note_queued(session, "stage", 1, "default")
        raise InterruptionError

    assert seen == []


def test_commit_reports_the_stages_that_it_queued(database: Database) -> None:
    reported: list[list[tuple[str, int, str]]] = []
    database.on_queued = reported.append

    with database.write() as session:
        note_queued(session, "a", 1, "default")
        note_queued(session, "b", 4, "gpu")
    with database.write():
        pass

    assert reported == [[("a", 1, "default"), ("b", 4, "gpu")]]


def test_counter_raised_by_many_writers_loses_nothing(any_database: Database) -> None:
    with any_database.write() as session:
        session.add(SchedulerLock(name="counter", holder="0", until=database_now(session)))

    def raise_counter(_: int) -> None:
        with any_database.write() as session:
            row = session.get_one(SchedulerLock, "counter", with_for_update=True)
            row.holder = str(int(row.holder) + 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(raise_counter, range(100)))

    with any_database.read() as session:
        assert session.get_one(SchedulerLock, "counter").holder == "100"


def test_read_sees_one_state_of_a_sqlite_file_while_others_write(database: Database) -> None:
    with database.read() as reader:
        before = reader.scalars(select(Experiment.id)).all()
        with database.write() as writer:
            make_experiment(writer)
        during = reader.scalars(select(Experiment.id)).all()

    assert before == during == []


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    is_writing, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with database.write() as session:
            make_experiment(session)
            is_writing.set()
            may_end.wait(30)

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        is_writing.wait(30)
        with database.read() as session:
            during = session.scalars(select(Experiment.id)).all()
        may_end.set()
        writer.result(30)

    assert during == []


@pytest.mark.parametrize(("synchronous", "code"), [("FULL", 2), ("NORMAL", 1)])
def test_sqlite_connections_are_durable_and_check_references(tmp_path: Path, synchronous: str, code: int) -> None:
    database = Database(f"sqlite:///{tmp_path}/new folder/x.db", sqlite_synchronous=synchronous)  # type: ignore[arg-type]

    with database.write() as session:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        pragmas = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in names}
    database.dispose()

    assert pragmas == {"journal_mode": "wal", "synchronous": code, "foreign_keys": 1, "busy_timeout": 5000}


@pytest.mark.services
def test_postgresql_connections_have_a_statement_timeout_and_durable_commits(postgres_url: str) -> None:
    database = Database(postgres_url)

    with database.read() as session:
        names = ("statement_timeout", "synchronous_commit", "timezone", "transaction_isolation")
        values = [session.execute(text(f"SHOW {name}")).scalar_one() for name in names]
    database.dispose()

    assert values == ["30s", "on", "UTC", "read committed"]


def test_deleting_a_run_deletes_what_belongs_to_it(any_database: Database) -> None:
    with any_database.write() as session:
        experiment = make_experiment(session)
        session.add(Run(experiment=experiment, seed=1, created_at=database_now(session) - timedelta(days=1)))

    with any_database.write() as session:
        session.execute(text("DELETE FROM experiment"))

    with any_database.read() as session:
        assert session.scalars(select(Run.id)).all() == []
