"""What is found to be missing."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from palimpsest.service.api_server import ApiServer, listen
from palimpsest.service.doctor import examine, mask, shown_settings
from server.auth.roles import Role
from server.db.migrate import upgrade
from server.db.session import Database
from server.settings import Settings
from tests.support.accounts import make_user
from tests.support.unprivileged import as_nobody, locked, open_folder

__all__ = ["open_folder"]


def faults(settings: Settings) -> dict[str, str]:
    return {finding.name: finding.text for finding in examine(settings) if finding.is_fault}


def test_a_fresh_machine_lacks_nothing(settings: Settings) -> None:
    assert faults(settings) == {}


def test_accounts_that_nobody_can_look_after_are_a_fault(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=0, accounts=True)
    new = faults(settings)
    upgrade(settings.database_url)
    empty = faults(settings)
    database = Database(settings.database_url)
    make_user(database, "root", Role.ADMIN)
    database.dispose()

    assert (set(new), empty) == (
        {"accounts"},
        {"accounts": "nobody can look after them yet; `palimpsest admin init` makes the first admin"},
    )
    assert faults(settings) == {}


def test_a_broker_and_a_database_that_are_away_are_named(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        port=0,
        broker_url="redis://:secret@127.0.0.1:1/0",
        database_url="postgresql+psycopg://user:secret@127.0.0.1:1/none",
    )

    found = faults(settings)

    assert set(found) == {"database", "broker"}
    assert "secret" not in "".join(found.values())


def test_a_port_that_another_program_has_is_a_fault(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        settings = Settings(home=tmp_path, port=taken.getsockname()[1])
        assert set(faults(settings)) == {"port"}


def test_a_port_that_palimpsest_has_is_none(api: ApiServer, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=int(api.address.rpartition(":")[2]))

    texts = {finding.name: finding.text for finding in examine(settings)}

    assert texts["port"].startswith("a Palimpsest service answers")


def test_too_little_disk_says_how_much_there_is(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("palimpsest.service.doctor.LEAST_FREE_BYTES", 2**60)

    assert "GiB free at" in faults(settings)["disk"]


def test_a_file_in_place_of_the_home_is_one_fault_of_the_folders(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    found = faults(Settings(home=tmp_path / "file", port=0))

    assert found["folders"].startswith(f"{tmp_path}/file is a file of ")
    assert set(found) == {"folders", "broker"}


@pytest.mark.parametrize("folder", ["", "storage", "runs", "cache", "logs"])
def test_a_folder_that_may_not_be_written_to_is_a_fault(open_folder: Path, folder: str) -> None:
    home = locked(open_folder / "home") if not folder else open_folder
    if folder:
        open_folder.chmod(0o777)
        locked(open_folder / folder)

    with as_nobody():
        found = faults(Settings(home=home, port=0))

    assert found["folders"].startswith(f"{home / folder} belongs to ")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    examine(Settings(home=tmp_path / "new", port=0, broker_url="redis://127.0.0.1:1/0"))

    assert list(tmp_path.iterdir()) == []


def test_a_data_root_that_may_not_be_listed_is_a_fault(open_folder: Path) -> None:
    closed = open_folder / "sets"
    closed.mkdir()
    closed.chmod(0o311)

    with as_nobody():
        found = faults(Settings(home=open_folder / "home", port=0, data_roots=[closed, open_folder]))

    assert found["data roots"].startswith(f"{closed} belongs to ")
    assert f"{closed}`, or change PALIMPSEST_DATA_ROOTS" in found["data roots"]


def _first_page_of(path: Path, table: str) -> int:
    """Return the number of a page that holds a table: others may be free, and their damage does no harm."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return int(page)


@pytest.mark.parametrize("part", ["head", "middle"])
def test_a_damaged_database_is_a_fault(settings: Settings, part: str) -> None:
    upgrade(settings.database_url)
    path = settings.home / "palimpsest.db"
    data = bytearray(path.read_bytes())
    begin = 0 if part == "head" else (_first_page_of(path, "run") - 1) * 4096
    data[begin : begin + 4096] = b"\xff" * 4096
    path.write_bytes(data)

    assert faults(settings)["database"].startswith(f"The database {path} is damaged (")


def test_a_database_that_may_not_be_written_to_is_a_fault(open_folder: Path) -> None:
    settings = Settings(home=open_folder, port=0)
    upgrade(settings.database_url)
    open_folder.chmod(0o777)
    (open_folder / "palimpsest.db").chmod(0o444)

    with as_nobody():
        found = faults(settings)

    assert found["database"].startswith(f"The database {open_folder}/palimpsest.db belongs to ")


def test_looking_at_a_database_changes_nothing_in_it(settings: Settings) -> None:
    upgrade(settings.database_url)
    with closing(sqlite3.connect(settings.home / "palimpsest.db")) as database:
        before = "\n".join(database.iterdump())

    assert "database" not in faults(settings)

    with closing(sqlite3.connect(settings.home / "palimpsest.db")) as database:
        assert "\n".join(database.iterdump()) == before


def test_data_roots_that_are_not_there_are_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=0, data_roots=[tmp_path, tmp_path / "gone"])

    assert "gone: there is no such folder" in faults(settings)["data roots"]


def test_passwords_are_masked() -> None:
    settings = Settings(database_url="postgresql+psycopg://user:secret@db/palimpsest")

    shown = dict(shown_settings(settings))

    assert shown["PALIMPSEST_DATABASE_URL"] == "postgresql+psycopg://user:***@db/palimpsest"
    assert mask("embedded://") == "embedded://"
