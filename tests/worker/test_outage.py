"""Repeating a transaction while the database is away."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import IntegrityError, OperationalError

from server.db.session import Database
from tests.support.waiting import wait_until
from worker.outage import OUTAGE_ERRORS, brief, through_outage


def _away() -> OperationalError:
    return OperationalError("SELECT 1", {}, sqlite3.OperationalError("unable to open database file"))


def test_an_action_is_repeated_until_the_database_answers() -> None:
    answers: list[Exception | str] = [_away(), _away(), "done"]

    def act() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert through_outage(act) == "done"
    assert answers == []


def test_an_outage_beyond_the_limit_is_raised() -> None:
    calls = []

    def act() -> None:
        calls.append(1)
        raise _away()

    # Waits of 0.1 s and 0.2 s fit into 0.5 s, the third of 0.4 s does not.
    with pytest.raises(OperationalError):
        through_outage(act, limit_s=0.5)
    assert len(calls) == 3


def test_an_error_of_the_statement_is_no_outage() -> None:
    calls = []

    def act() -> None:
        calls.append(1)
        raise IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE constraint failed"))

    with pytest.raises(IntegrityError):
        through_outage(act)
    assert len(calls) == 1


def test_a_message_is_cut_before_the_statement_and_its_values() -> None:
    assert brief(_away()) == "(sqlite3.OperationalError) unable to open database file"


@contextmanager
def closed(url: str) -> Iterator[None]:
    """Cut all connections of a PostgreSQL database and refuse new ones, as a restart does."""
    address = make_url(url)
    administration = address.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(administration, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{address.database}" ALLOW_CONNECTIONS false'.encode())
        connection.execute(cut, [address.database])
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{address.database}" ALLOW_CONNECTIONS true'.encode())


@pytest.mark.services
def test_a_restart_of_postgresql_is_an_outage_that_ends(postgres_url: str) -> None:
    database, failures, answers = Database(postgres_url), [], []

    def ask() -> int:
        try:
            with database.write() as session:
                return session.scalar(select(func.count()).select_from(select(1).subquery())) or 0
        except OUTAGE_ERRORS as error:
            failures.append(error)
            raise

    assert through_outage(ask) == 1
    thread = threading.Thread(target=lambda: answers.append(through_outage(ask)))
    with closed(postgres_url):
        thread.start()
        wait_until(lambda: len(failures) >= 2, 10)
    thread.join(20)
    assert answers == [1]
    database.dispose()


@pytest.mark.services
def test_a_connection_that_is_cut_in_a_transaction_is_an_outage(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(OUTAGE_ERRORS), database.write() as session:
        session.execute(select(1))
        with closed(postgres_url):
            session.execute(select(1))
    database.dispose()
