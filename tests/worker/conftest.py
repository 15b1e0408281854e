"""A database file, a storage folder and a worker for the tests of this folder."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.db.models import Run
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.database import make_template, open_copy
from tests.support.stages import make_defined_run
from worker.context import WorkerContext
from worker.devices import WorkerBeat, identify
from worker.process import CommandBuilder, stage_command


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with short times."""
    return Settings(
        home=tmp_path / "home",
        sqlite_synchronous="NORMAL",
        heartbeat_s=0.1,
        lease_ttl_s=5,
        ingest_s=0.25,
        cancel_grace_s=1,
        retry_waits_s=[30],
        threads=1,
    )


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of a migrated, empty SQLite file; only to be copied."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def database(settings: Settings, database_template: Path) -> Iterator[Database]:
    """An empty database file where the settings say it is."""
    settings.home.mkdir()
    database = open_copy(database_template, settings.home / "palimpsest.db")
    yield database
    database.dispose()


@pytest.fixture
def storage(settings: Settings) -> LocalStorage:
    """An empty storage."""
    return LocalStorage(settings.storage_folder)


@pytest.fixture
def run(database: Database) -> Run:
    """A queued run of three stages in the database file."""
    return make_defined_run(database)


@pytest.fixture
def make_context(settings: Settings, database: Database, storage: LocalStorage) -> Callable[..., WorkerContext]:
    """Return a function that makes a worker; its argument is how it starts stages."""

    numbers = itertools.count(1)

    def make(command: CommandBuilder = stage_command) -> WorkerContext:
        shutdown = threading.Event()
        identity = identify(f"worker-{next(numbers)}", ("default",), ())
        beat = WorkerBeat(database, identity, heartbeat_s=settings.heartbeat_s, shutdown=shutdown)
        return WorkerContext(settings, database, storage, identity, beat, shutdown, command)

    return make
