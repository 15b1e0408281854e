"""Migrate a database to this code's schema, and refuse any other schema (OPS-3)."""

from __future__ import annotations

import fcntl
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text

from server.db.faults import kept_copies, restoring, sqlite_file
from server.shipped import MIGRATIONS

COMMAND = "palimpsest migrate"
ADVISORY_LOCK = 0x70616C696D707365
"""Key of the lock that migrations of one PostgreSQL database share."""

logger = logging.getLogger(__name__)


class WrongSchema(Exception):
    """The database is not at this code's revision; the message names the command to run."""

    def __init__(self, found: str | None, expected: str) -> None:
        state = f"is at revision {found}" if found else "has no tables yet"
        super().__init__(f"the database {state}, this version needs {expected}; run `{COMMAND}`")


class NewerSchema(WrongSchema):
    """A newer version of the code migrated the database."""

    def __init__(self, found: str, url: str) -> None:
        path = sqlite_file(url)
        copy = None if path is None else next(kept_copies(path, _known_revisions().__contains__), None)
        back = (
            "a backup"
            if path is None or copy is None
            else f"the copy: stop the service, and {restoring(path, copy, 'newer')}"
        )
        Exception.__init__(
            self,
            f"the database is at revision {found}, which was made by a newer version than {version('palimpsest')}: "
            f"update Palimpsest, or restore {back}",
        )


def upgrade(url: str) -> bool:
    """Upgrade a database to the newest revision, one process at a time; returns whether anything changed.

    A SQLite file with tables is first copied to `<file>.before-<revision>`. If that file is already a copy of another
    revision, for example after a killed migration, the copy is `<file>.before-<revision>-from-<its own>`.

    Raises:
        NewerSchema: if the database is newer than this code.
    """
    head = _scripts().get_current_head()
    assert head is not None
    with _migration_lock(url):
        found = current_revision(url)
        if found == head:
            return False
        if found is not None and found not in _known_revisions():
            raise NewerSchema(found, url)
        if _is_sqlite(url) and _has_tables(url):
            logger.info("backed up to %s", _back_up(url, head, found))
        command.upgrade(_config(url), head)
        logger.info("migrated from %s to %s", found or "nothing", head)
    return True


def check_head(url: str) -> None:
    """Check that a database is at the newest revision; raises WrongSchema, which names the remedy."""
    head, found = _scripts().get_current_head(), current_revision(url)
    if found is not None and found not in _known_revisions():
        raise NewerSchema(found, url)
    if found != head:
        raise WrongSchema(found, head or "")


def current_revision(url: str) -> str | None:
    """Return the revision of a database; None if it was never migrated, or is a SQLite file that does not exist."""
    if _is_sqlite(url) and not Path(make_url(url).database or "").exists():
        return None
    engine = migration_engine(url)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migration_engine(url: str) -> Engine:
    """Return an engine for migrations.

    SQLite changes a table by creating a new one and dropping the old one. With foreign keys enforced, the drop deletes
    all rows that refer to it, so they are off here. SQLite's driver does not begin a transaction before a schema
    change, so this engine does.
    """
    engine = create_engine(url, poolclass=NullPool)
    if not _is_sqlite(url):
        return engine
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def _migration_lock(url: str) -> Iterator[None]:
    if _is_sqlite(url):
        path = Path(f"{make_url(url).database}.migrate.lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    engine = migration_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()  # the lock belongs to the connection and needs no open transaction
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})


def _has_tables(url: str) -> bool:
    path = Path(make_url(url).database or "")
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _back_up(url: str, head: str, found: str | None) -> Path:
    """Copy a SQLite file atomically; replace an older copy only if it has the same revision."""
    source = Path(make_url(url).database or "")
    target = source.with_name(f"{source.name}.before-{head}")
    if target.exists() and current_revision(f"sqlite:///{target}") != found:
        target = source.with_name(f"{target.name}-from-{found or 'nothing'}")
    aside = source.with_name(f".{source.name}.part")
    for left in (aside, aside.with_name(f"{aside.name}-journal")):
        left.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(aside)) as copy:
        live.backup(copy)
    aside.replace(target)
    return target


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _known_revisions() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"
