"""What is found to be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from palimpsest.service.api_server import ApiServer, listen
from palimpsest.service.doctor import examine, mask, shown_settings
from server.settings import Settings


def faults(settings: Settings) -> dict[str, str]:
    return {finding.name: finding.text for finding in examine(settings) if finding.is_fault}


def test_a_fresh_machine_lacks_nothing(settings: Settings) -> None:
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


def test_data_roots_that_are_not_there_are_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=0, data_roots=[tmp_path, tmp_path / "gone"])

    assert "gone: there is no such folder" in faults(settings)["data roots"]


def test_passwords_are_masked() -> None:
    settings = Settings(database_url="postgresql+psycopg://user:secret@db/palimpsest")

    shown = dict(shown_settings(settings))

    assert shown["PALIMPSEST_DATABASE_URL"] == "postgresql+psycopg://user:***@db/palimpsest"
    assert mask("embedded://") == "embedded://"
