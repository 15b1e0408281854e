"""Fixtures of the server's tests: settings below a temporary folder, and databases at the newest schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from server.db.session import Database
from server.settings import Settings
from tests.conftest import POSTGRES_URL
from tests.support.accounts import AccountService, serve_accounts
from tests.support.database import delete_rows, make_template, migrated_postgresql, open_copy


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of a migrated, empty SQLite file; only to be copied."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose state lies below the test's folder."""
    return Settings(home=tmp_path / "home", sqlite_synchronous="NORMAL")


@pytest.fixture
def database(settings: Settings, database_template: Path) -> Iterator[Database]:
    """An empty SQLite database, where the settings say it is."""
    settings.home.mkdir(parents=True, exist_ok=True)
    database = open_copy(database_template, settings.home / "palimpsest.db")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def shared_postgresql() -> Iterator[str | None]:
    """Address of a migrated PostgreSQL database for one test after the other; None where no server answers."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(migrated_postgresql(POSTGRES_URL))
        except OperationalError:
            url = None
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    # Where no server answers, the second fixture says so and skips the test.
    url = request.getfixturevalue("shared_postgresql") or request.getfixturevalue("postgres_url")
    database = Database(url)
    yield database
    delete_rows(database)
    database.dispose()


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory, database_template: Path) -> Iterator[AccountService]:
    """A service with accounts, one of each role, for the tests of one file."""
    home = tmp_path_factory.mktemp("home")
    database = open_copy(database_template, home / "palimpsest.db")
    with serve_accounts(database, home) as running:
        yield running
    database.dispose()
