"""The commands that end by themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from palimpsest.service.cli import app
from server.settings import get_settings
from tests.support.unprivileged import as_nobody, locked, open_folder

__all__ = ["open_folder"]


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PALIMPSEST_HOME", str(tmp_path))
    monkeypatch.setenv("PALIMPSEST_PORT", "0")
    get_settings.cache_clear()
    monkeypatch.setattr("palimpsest.service.cli.configure_logging", lambda *_: None)
    yield
    get_settings.cache_clear()


def test_migrate_brings_a_new_database_to_the_newest_schema_once() -> None:
    first, second = (CliRunner().invoke(app, ["migrate"]) for _ in range(2))

    assert first.stdout == "The database was brought to the newest revision.\n"
    assert second.stdout == "The database is up to date.\n"


@pytest.mark.parametrize("command", ["server", "scheduler", "worker"])
def test_a_process_refuses_a_database_that_was_never_migrated(command: str) -> None:
    result = CliRunner().invoke(app, [command])

    assert result.exit_code == 1
    assert "the database has no tables yet" in result.stderr
    assert "run `" in result.stderr


@pytest.mark.parametrize("command", ["up", "demo", "migrate", "doctor"])
def test_a_wrong_setting_is_named_in_one_sentence(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIMPSEST_HOST", "0.0.0.0")

    result = CliRunner().invoke(app, [command])

    assert result.exit_code == 1
    assert result.stderr.startswith("PALIMPSEST_HOST is '0.0.0.0': expected 127.0.0.1")
    assert result.stderr.count("\n") == 1


def test_doctor_names_every_part(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["doctor"])

    assert result.exit_code == 0
    for part in ("python", "torch", "disk", "database", "broker", "port"):
        assert f"ok     {part}: " in result.stdout
    assert str(tmp_path) in result.stdout


def test_a_database_that_does_not_answer_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIMPSEST_DATABASE_URL", "postgresql+psycopg://user:secret@127.0.0.1:1/none")

    result = CliRunner().invoke(app, ["migrate"])

    assert result.exit_code == 1
    assert result.stderr.startswith("The database of PALIMPSEST_DATABASE_URL does not answer: ")
    assert "secret" not in result.stderr


@pytest.mark.parametrize("command", ["up", "demo", "server", "scheduler", "worker", "migrate"])
@pytest.mark.parametrize("home", ["file", "file/below", "file/far/below"])
def test_a_file_in_place_of_the_home_is_named_in_one_sentence(
    command: str, home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PALIMPSEST_HOME", str(tmp_path / home))

    result = CliRunner().invoke(app, [command])

    assert result.exit_code == 1
    assert result.stderr.startswith(f"{tmp_path}/file is a file of ")
    assert f"run `mv {tmp_path}/file {tmp_path}/file.old`, or set PALIMPSEST_HOME" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["up", "demo", "server", "worker"])
@pytest.mark.parametrize("folder", ["storage", "runs", "cache", "broker", "logs"])
def test_a_folder_of_another_user_in_the_home_is_named_in_one_sentence(
    command: str, folder: str, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_folder.chmod(0o777)
    theirs = locked(open_folder / folder)
    monkeypatch.setenv("PALIMPSEST_HOME", str(open_folder))

    with as_nobody():
        result = CliRunner().invoke(app, [command])

    assert result.exit_code == 1
    assert result.stderr.startswith(f"{theirs} belongs to ")
    assert f"{theirs}`, or set PALIMPSEST_" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["up", "demo", "server", "scheduler", "worker", "migrate"])
def test_a_damaged_database_is_named_in_one_sentence(command: str, tmp_path: Path) -> None:
    (tmp_path / "palimpsest.db").write_bytes(b"x" * 5000)

    result = CliRunner().invoke(app, [command])

    assert result.exit_code == 1
    assert result.stderr.startswith(f"The database {tmp_path}/palimpsest.db is damaged (file is not a database): stop ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["up", "server", "migrate", "doctor"])
def test_a_database_of_a_newer_version_is_named_in_one_sentence(command: str, tmp_path: Path) -> None:
    CliRunner().invoke(app, ["migrate"])
    with closing(sqlite3.connect(tmp_path / "palimpsest.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    result = CliRunner().invoke(app, [command])

    assert result.exit_code == 1
    assert "was made by a newer version than" in result.output
    assert "update Palimpsest, or restore a backup" in result.output
    assert "palimpsest migrate" not in result.output


@pytest.mark.parametrize("arguments", [["up"], ["demo"], ["migrate"], ["doctor"], ["run", "list"]])
def test_a_deleted_working_folder_is_named_in_one_sentence(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PALIMPSEST_HOME")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 1
    assert "the working folder of this command was deleted" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_full_disk_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIMPSEST_MIN_FREE_BYTES", str(2**60))

    result = CliRunner().invoke(app, ["up"])

    assert result.exit_code == 1
    assert result.stderr.startswith("The disk of ")
    assert result.stderr.endswith("set PALIMPSEST_HOME to another disk.\n")
