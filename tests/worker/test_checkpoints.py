"""Checkpoints into storage, a row each, the newest kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select

from core import checkpoint
from core.errors import StorageError
from core.stage.events import CheckpointWritten
from server.db.models import Attempt, Checkpoint, Run
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.rows import make_claim
from worker.checkpoints import (
    RECORD_FILE,
    StoredCheckpoint,
    keep_newest,
    newest_first,
    record_checkpoint,
    store_checkpoint,
)


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def written(iteration: int, **files: str) -> CheckpointWritten:
    return CheckpointWritten(iteration=iteration, path=f"checkpoint/{iteration}", files=files, bytes=3)


def write_folder(folder: Path, iteration: int, **contents: str) -> None:
    path = folder / "checkpoint" / str(iteration)
    path.mkdir(parents=True)
    for name, content in contents.items():
        (path / name).write_text(content)


def record(database: Database, attempt_id: str, iteration: int, files: dict[str, str]) -> set[str]:
    with database.write() as session:
        return record_checkpoint(session, session.get_one(Attempt, attempt_id), written(iteration), files)


def iterations(database: Database) -> list[tuple[int, int]]:
    with database.read() as session:
        stage_id = session.scalars(select(Checkpoint.stage_id)).first() or ""
        return [(row.attempt_number, row.iteration) for row in newest_first(session, stage_id)]


def test_all_files_of_the_folder_are_stored_also_those_that_the_event_does_not_name(
    storage: LocalStorage, tmp_path: Path
) -> None:
    write_folder(tmp_path, 4, model="weights", record="{}")
    stored = store_checkpoint(storage, tmp_path, written(4, model=digest("weights")))
    assert stored == StoredCheckpoint({"model": digest("weights"), "record": digest("{}")}, is_whole=True)
    assert storage.exists(digest("weights"))
    assert storage.exists(digest("{}"))


def test_a_checkpoint_that_was_replaced_meanwhile_is_passed_over(storage: LocalStorage, tmp_path: Path) -> None:
    write_folder(tmp_path, 4, model="weights")
    event = written(4, model=digest("weights"), optimizer=digest("momentum"))
    stored = store_checkpoint(storage, tmp_path, event)
    assert stored == StoredCheckpoint({"model": digest("weights")}, is_whole=False)


def test_a_checkpoint_that_was_written_again_meanwhile_is_passed_over(storage: LocalStorage, tmp_path: Path) -> None:
    write_folder(tmp_path, 4, **{RECORD_FILE: "with two packs", "model": "weights"})
    event = written(4, **{RECORD_FILE: digest("with one pack"), "model": digest("weights")})

    stored = store_checkpoint(storage, tmp_path, event)

    assert not stored.is_whole
    assert RECORD_FILE == checkpoint.RECORD_FILE


def test_a_checkpoint_with_other_bytes_than_it_says_is_refused(storage: LocalStorage, tmp_path: Path) -> None:
    write_folder(tmp_path, 4, model="weights")
    with pytest.raises(StorageError):
        store_checkpoint(storage, tmp_path, written(4, model=digest("other")))


def test_the_newest_two_rows_are_kept(database: Database, run: Run) -> None:
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    assert record(database, attempt_id, 2, {"m": "a" * 64, "same": "s" * 64}) == set()
    assert record(database, attempt_id, 4, {"m": "b" * 64, "same": "s" * 64}) == set()
    assert record(database, attempt_id, 6, {"m": "c" * 64, "same": "s" * 64}) == {"a" * 64, "s" * 64}
    assert iterations(database) == [(1, 6), (1, 4)]


def test_the_checkpoints_of_the_last_attempt_come_first_even_with_fewer_iterations(
    database: Database, run: Run
) -> None:
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    record(database, attempt_id, 6, {"m": "a" * 64})
    with database.write() as session:
        session.get_one(Attempt, attempt_id).number = 2
    record(database, attempt_id, 3, {"m": "b" * 64})
    assert iterations(database) == [(2, 3), (1, 6)]


def test_a_checkpoint_written_again_replaces_its_row_and_frees_its_old_files(database: Database, run: Run) -> None:
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    record(database, attempt_id, 4, {"m": "a" * 64})
    assert record(database, attempt_id, 4, {"m": "b" * 64}) == {"a" * 64}
    assert iterations(database) == [(1, 4)]


def test_of_a_finished_stage_only_the_end_is_kept(database: Database, run: Run) -> None:
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    record(database, attempt_id, 2, {"m": "a" * 64})
    record(database, attempt_id, 4, {"m": "b" * 64})
    with database.write() as session:
        assert keep_newest(session, run.stages[0].id, 1) == {"a" * 64}
    assert iterations(database) == [(1, 4)]
