"""`palimpsest admin gc`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from palimpsest.service.cli import app
from server.db.migrate import upgrade
from server.db.session import get_database
from server.settings import get_settings
from server.storage import LocalStorage


@pytest.fixture
def orphan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A blob that is old and that no row names, in a migrated installation."""
    monkeypatch.setenv("PALIMPSEST_HOME", str(tmp_path))
    for cached in (get_settings, get_database):
        cached.cache_clear()
    upgrade(get_settings().database_url)
    storage = LocalStorage(get_settings().storage_folder)
    path = storage.path(storage.put_bytes(b"orphan"))
    os.utime(path, (1, 1))
    yield path
    get_database().dispose()
    for cached in (get_settings, get_database):
        cached.cache_clear()


def test_a_rehearsal_lists_what_would_go_and_removes_nothing(orphan: Path) -> None:
    result = CliRunner().invoke(app, ["admin", "gc", "--dry-run"])

    assert result.exit_code == 0
    assert str(orphan) in result.stdout
    assert "blobs that no row names" in result.stdout
    assert orphan.exists()


def test_what_nothing_refers_to_is_removed_once(orphan: Path) -> None:
    first, second = (CliRunner().invoke(app, ["admin", "gc"]).stdout for _ in range(2))

    assert "6 bytes removed." in first
    assert "There is nothing to remove." in second
    assert not orphan.exists()
