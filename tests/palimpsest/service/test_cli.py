"""The commands that end by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from palimpsest.service.cli import app
from server.settings import get_settings


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


def test_a_full_disk_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIMPSEST_MIN_FREE_BYTES", str(2**60))

    result = CliRunner().invoke(app, ["up"])

    assert result.exit_code == 1
    assert result.stderr.startswith("The disk of ")
    assert result.stderr.endswith("set PALIMPSEST_HOME to another disk.\n")
