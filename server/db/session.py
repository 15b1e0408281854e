"""Engines and transactions.

SQLite takes its write lock at the start of every writing transaction (`BEGIN IMMEDIATE`). With a deferred lock, two
processes that read and then write would lose updates or fail at once. Keep writing transactions short, and do no file
or network work inside one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

from server.settings import get_settings

SQLITE_BUSY_TIMEOUT_MS = 5000
POSTGRESQL_STATEMENT_TIMEOUT_MS = 30_000

_AFTER_COMMIT = "after_commit"
_QUEUED = "queued_stages"

Callback = Callable[[], None]


class Database:
    """One database; `read` and `write` give the transactions.

    Attributes:
        url: address of the database.
        is_sqlite: whether it is a SQLite file.
        on_queued: called after each commit that queued stages, with their (stage id, dispatch number, queue).
            `server.queue.dispatch_after_commit` sets it. With None, the scheduler sends the messages.
    """

    def __init__(self, url: str, *, sqlite_synchronous: Literal["FULL", "NORMAL"] = "FULL") -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.on_queued: Callable[[list[tuple[str, int, str]]], object] | None = None
        # SQLite's writers retry until they get the lock, and some never do: writers of one process take turns instead.
        self._turn: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, sqlite_synchronous, "BEGIN IMMEDIATE")
            self._reader = _sqlite_engine(url, sqlite_synchronous, "BEGIN")
        else:
            self._writer = self._reader = _postgresql_engine(url)
        self._write_session = sessionmaker(self._writer, expire_on_commit=False)
        self._read_session = sessionmaker(self._reader, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one consistent state of a SQLite database; its changes are dropped at the end."""
        with self._read_session() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a writing transaction: committed at the end, rolled back on an exception.

        After the commit, the callbacks given to `after_commit` run in order, outside any transaction.
        """
        with self._write_session() as session:
            with self._turn, session.begin():
                # Take SQLite's write lock now: another writer could still change data read before it.
                session.connection()
                yield session
            callbacks: list[Callback] = session.info.pop(_AFTER_COMMIT, [])
            queued: list[tuple[str, int, str]] = session.info.pop(_QUEUED, [])
        for callback in callbacks:
            callback()
        if queued and self.on_queued is not None:
            self.on_queued(queued)

    @property
    def connections_in_use(self) -> int:
        """Number of connections that are not idle."""
        pools = {engine.pool for engine in (self._writer, self._reader)}
        return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    def dispose(self) -> None:
        """Close all idle connections."""
        self._writer.dispose()
        self._reader.dispose()


def after_commit(session: Session, callback: Callback) -> None:
    """Run `callback` after the session's `Database.write` transaction commits; never after a rollback."""
    session.info.setdefault(_AFTER_COMMIT, []).append(callback)


def note_queued(session: Session, stage_id: str, dispatch_no: int, queue: str) -> None:
    """Remember that the transaction queued a stage, for `Database.on_queued`."""
    session.info.setdefault(_QUEUED, []).append((stage_id, dispatch_no, queue))


@lru_cache(maxsize=1)
def get_database() -> Database:
    """Return the database of this process's settings."""
    settings = get_settings()
    return Database(settings.database_url, sqlite_synchronous=settings.sqlite_synchronous)


def _sqlite_engine(url: str, synchronous: str, begin: str) -> Engine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=10, max_overflow=40)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions itself, or `begin` below would open a second one.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql_engine(url: str) -> Engine:
    options = f"-c statement_timeout={POSTGRESQL_STATEMENT_TIMEOUT_MS} -c timezone=utc -c synchronous_commit=on"
    return create_engine(url, pool_size=10, max_overflow=0, pool_pre_ping=True, connect_args={"options": options})
