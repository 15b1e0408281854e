"""The pastes of a stage as rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import StorageError
from core.memory.pastes import PasteIndex, PictureOfPaste, save_pastes
from core.stage.events import MemoryPastes
from server.db.models import Attempt, MemoryDraw, MemoryPaste, Run
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.rows import make_claim
from worker.memory_pastes import store_pastes, write_pastes

EVENT = MemoryPastes(path="artifacts/pastes/index.json")
FIRST, SECOND = "a" * 16, "b" * 16


def save(folder: Path, times: dict[str, int], *items: str, jpeg: bytes = b"picture") -> None:
    examples = [PictureOfPaste(item, "image-3", (1, 2, 5, 8), (32, 24), 0.25, jpeg) for item in items]
    save_pastes(folder / "artifacts" / "pastes", times, examples)


def write(database: Database, run: Run, attempt_id: str, pastes: PasteIndex) -> set[str]:
    with database.write() as session:
        return write_pastes(session, run.id, session.get_one(Attempt, attempt_id), pastes)


def counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {row.item_id: row.times for row in session.scalars(select(MemoryDraw))}


def test_counts_and_examples_become_rows_and_pictures_are_stored(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    save(tmp_path, {FIRST: 3, SECOND: 0}, FIRST)
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id

    dropped = write(database, run, attempt_id, store_pastes(storage, tmp_path, EVENT))

    with database.read() as session:
        (row,) = session.scalars(select(MemoryPaste)).all()
    assert dropped == set()
    assert counts(database) == {FIRST: 3, SECOND: 0}
    assert (row.run_id, row.stage_id, row.item_id) == (run.id, run.stages[0].id, FIRST)
    assert (row.source, row.box, row.image_size, row.lam) == ("image-3", [1, 2, 5, 8], [32, 24], 0.25)
    assert storage.path(row.picture_sha256).read_bytes() == b"picture"


def test_a_second_attempt_counts_anew_and_keeps_the_examples_of_the_first(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    save(tmp_path, {FIRST: 3}, FIRST)
    first = store_pastes(storage, tmp_path, EVENT)
    save(tmp_path, {FIRST: 4}, FIRST, jpeg=b"later")
    second = store_pastes(storage, tmp_path, EVENT)

    dropped = [write(database, run, attempt_id, pastes) for pastes in (first, second)]

    with database.read() as session:
        (row,) = session.scalars(select(MemoryPaste)).all()
    assert counts(database) == {FIRST: 4}
    assert row.picture_sha256 == first.examples[0].sha256
    assert dropped == [set(), {second.examples[0].sha256}]


def test_a_picture_that_is_not_what_the_index_says_is_refused(storage: LocalStorage, tmp_path: Path) -> None:
    save(tmp_path, {FIRST: 1}, FIRST)
    (picture,) = (tmp_path / "artifacts" / "pastes" / "pictures").iterdir()
    picture.write_bytes(b"other")

    with pytest.raises(StorageError, match=picture.name):
        store_pastes(storage, tmp_path, EVENT)
