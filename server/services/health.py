"""Readiness of the service: try and time each part that it needs (API-9)."""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version as installed_version

from celery import Celery
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.experiment import SCHEMA_VERSION
from server.db.migrate import WrongSchema, check_head
from server.db.session import Database
from server.queue import PUBLISH_ERRORS, ping
from server.schemas.health import Check, Readiness, Version
from server.settings import Settings

_FAILURES = (SQLAlchemyError, WrongSchema, OSError, *PUBLISH_ERRORS)


def readiness(settings: Settings, database: Database, celery: Celery) -> Readiness:
    """Try the database, its schema, the broker and the storage."""
    checks = [
        _try("database", lambda: _reach(database), "set PALIMPSEST_DATABASE_URL, or start the database"),
        _try(
            "schema",
            lambda: check_head(database.url),
            "run palimpsest migrate; it says what to do with a database of a newer version",
        ),
        _try("broker", lambda: ping(celery), "set PALIMPSEST_BROKER_URL, or start the broker; queued stages wait"),
        _try("storage", lambda: _write(settings), "free disk space, or mend the rights of the storage folder"),
    ]
    return Readiness(ready=all(check.ok for check in checks), checks=checks)


def version() -> Version:
    """Return the running version."""
    return Version(
        version=installed_version("palimpsest"), python=platform.python_version(), schema_version=SCHEMA_VERSION
    )


def _try(name: str, check: Callable[[], None], way_out: str) -> Check:
    started = time.perf_counter()
    try:
        check()
        problem = None
    except _FAILURES as error:
        # Report only the error's type: its text may hold addresses and passwords.
        problem = type(error).__name__
    milliseconds = round((time.perf_counter() - started) * 1000, 2)
    detail = f"{problem}: {way_out}" if problem else "ok"
    return Check(name=name, ok=problem is None, milliseconds=milliseconds, detail=detail)


def _reach(database: Database) -> None:
    with database.read() as session:
        session.execute(text("SELECT 1"))


def _write(settings: Settings) -> None:
    settings.storage_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.storage_folder) as probe:
        probe.write(b"probe")
        probe.flush()
