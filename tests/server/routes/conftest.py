"""A running service for the tests of the routes: one server for all of them, given each test's own database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.app import attach
from server.db.session import Database
from server.queue import make_celery
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.serving import Service, application, serve


@pytest.fixture(scope="session")
def running(database_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The server, on an empty database that no test uses."""
    settings = Settings(home=tmp_path_factory.mktemp("idle"), sqlite_synchronous="NORMAL")
    database = Database(f"sqlite:///{database_template}")
    with serve(application(settings, database)) as service:
        yield service
    database.dispose()


@pytest.fixture
def storage(settings: Settings) -> LocalStorage:
    """The service's storage."""
    return LocalStorage(settings.storage_folder)


@pytest.fixture
def service(running: Service, settings: Settings, database: Database, storage: LocalStorage) -> Iterator[Service]:
    """The service on the test's database."""
    attach(running.app, settings, database, storage, make_celery(settings))
    yield running
    running.app.state.hub.close()


@pytest.fixture
def http(service: Service) -> httpx.Client:
    """A client below `/api/v1`."""
    return service.http
