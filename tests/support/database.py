"""Databases for tests: migrated once, and used by one test after the other."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from server.db.base import Base
from server.db.migrate import upgrade
from server.db.session import Database


def make_template(folder: Path) -> Path:
    """Migrate an empty SQLite file to the newest schema."""
    path = folder / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


def open_copy(template: Path, path: Path) -> Database:
    """Copy the migrated file and open the copy, without waiting for the disk at each commit."""
    shutil.copyfile(template, path)
    return Database(f"sqlite:///{path}", sqlite_synchronous="NORMAL")


@contextmanager
def migrated_postgresql(server_url: str) -> Iterator[str]:
    """Make a PostgreSQL database at the newest schema, give its address, and drop it at the end."""
    name = f"palimpsest_test_{uuid.uuid4().hex}"
    server = create_engine(server_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    _execute(server, f"CREATE DATABASE {name}")
    try:
        url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
        upgrade(url)
        yield url
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def delete_rows(database: Database) -> None:
    """Empty all tables; far quicker than making a database for each test."""
    with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())


def _execute(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement))
