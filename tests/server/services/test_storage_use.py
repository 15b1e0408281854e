from __future__ import annotations

import os
from pathlib import Path

from server.db.session import Database
from server.schemas.storage_use import StorageUse
from server.services.storage_use import StorageMeter
from server.settings import Settings


def _written(path: Path, size: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def _parts(use: StorageUse) -> dict[str, tuple[int, int | None]]:
    return {part.name: (part.bytes, part.files) for part in use.parts}


def test_blobs_run_folders_and_cache_are_counted_with_their_files(settings: Settings, database: Database) -> None:
    _written(settings.storage_folder / "ab" / "cd" / "blob", 1000)
    _written(settings.runs_folder / "run" / "0-train" / "attempt-1" / "out.log", 30)
    _written(settings.runs_folder / "run" / "0-train" / "attempt-1" / "spec.json", 20)
    _written(settings.cache_folder / "world" / "0.png", 7)

    parts = _parts(StorageMeter(settings, database).read())

    assert (parts["blobs"], parts["runs"], parts["cache"]) == ((1000, 1), (50, 2), (7, 1))
    assert parts["database"][0] > 0


def test_the_database_is_measured_whatever_it_is(settings: Settings, any_database: Database) -> None:
    parts = _parts(StorageMeter(settings, any_database).read())

    assert parts["database"][0] > 10_000
    assert (parts["database"][1] is None) == (not any_database.is_sqlite)


def test_a_file_of_two_names_counts_once(settings: Settings, database: Database) -> None:
    blob = _written(settings.storage_folder / "ab" / "cd" / "blob", 1000)
    settings.runs_folder.mkdir(parents=True, exist_ok=True)
    os.link(blob, settings.runs_folder / "model")

    parts = _parts(StorageMeter(settings, database).read())

    assert (parts["blobs"], parts["runs"]) == ((1000, 1), (0, 0))


def test_what_was_measured_stands_for_a_while_and_the_free_room_is_of_now(
    settings: Settings, database: Database
) -> None:
    meter = StorageMeter(settings, database)
    first = meter.read()
    _written(settings.storage_folder / "ab" / "cd" / "blob", 1000)

    second = meter.read()
    meter.measure()
    third = meter.read()

    assert _parts(first)["blobs"] == _parts(second)["blobs"] == (0, 0)
    assert first.measured_at == second.measured_at
    assert _parts(third)["blobs"] == (1000, 1)
    assert 0 < third.free_bytes <= third.disk_bytes
