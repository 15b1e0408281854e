"""What nothing refers to any more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.db.models import Artifact
from server.db.session import Database
from server.garbage import find_rubbish, referenced_digests, remove
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.rows import make_running_stage


@pytest.fixture
def storage(settings: Settings) -> LocalStorage:
    return LocalStorage(settings.storage_folder)


def _aged(path: Path) -> Path:
    os.utime(path, (1, 1))
    return path


def test_old_files_without_a_row_are_found_and_removed_and_all_others_stay(
    any_database: Database, settings: Settings, storage: LocalStorage
) -> None:
    run, stage, _ = make_running_stage(any_database)
    kept, in_outputs, orphan, young = (storage.put_bytes(name) for name in (b"kept", b"outputs", b"orphan", b"young"))
    with any_database.write() as session:
        session.get_one(type(stage), stage.id).outputs = {"model": {"": {"sha256": in_outputs, "bytes": 7}}}
        artifact = {"run_id": run.id, "stage_id": stage.id, "attempt_number": 1, "media_type": "x", "bytes": 4}
        session.add(Artifact(name="a", kind="custom", sha256=kept, **artifact))
    for sha256 in (kept, in_outputs, orphan):
        _aged(storage.path(sha256))
    half = settings.storage_folder / "incoming" / "half"
    half.write_bytes(b"ha")
    live, ended = (settings.runs_folder / run.id / "0-step-0" / f"attempt-{number}" for number in (1, 2))
    for folder in (live, ended):
        folder.mkdir(parents=True)
        (folder / "out.log").write_text("12345")
        _aged(folder)
    _aged(half)

    rubbish = find_rubbish(any_database, settings)

    assert {(one.kind, one.path.name, one.bytes) for one in rubbish} == {
        ("blobs that no row names", orphan, 6),
        ("half-written blobs", "half", 2),
        ("attempt folders", "attempt-2", 5),
    }
    assert remove(rubbish) == 13
    assert find_rubbish(any_database, settings) == []
    assert all(storage.exists(sha256) for sha256 in (kept, in_outputs, young))
    assert live.exists()


def test_a_file_that_is_stored_again_meanwhile_is_not_removed(
    database: Database, settings: Settings, storage: LocalStorage, tmp_path: Path
) -> None:
    stored = [storage.put_bytes(data) for data in (b"first", b"second", b"third")]
    _, second, third = stored
    for sha256 in stored:
        _aged(storage.path(sha256))
    rubbish = find_rubbish(database, settings)
    storage.put_bytes(b"first")
    (tmp_path / "file").write_bytes(b"second")
    storage.put_file(tmp_path / "file", sha256=second)
    assert storage.put_written(lambda file: file.write(b"third") and None) == third

    assert (len(rubbish), remove(rubbish)) == (3, 0)
    assert all(map(storage.exists, stored))


def test_digests_are_found_in_columns_and_in_documents(database: Database) -> None:
    _, stage, _ = make_running_stage(database)
    with database.write() as session:
        session.get_one(type(stage), stage.id).outputs = {"memory": {"a/b.png": {"sha256": "ab" * 32}}}

    with database.read() as session:
        assert "ab" * 32 in referenced_digests(session)
