"""The memory of a stage as rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import StorageError
from core.memory.store import InstanceMemory
from core.stage.events import MemorySnapshot
from server.db import models
from server.db.models import Attempt, MemoryItem, Run
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.instances import rectangle_entry
from tests.support.rows import make_claim
from worker.memory_items import store_memory, write_memory

EVENT = MemorySnapshot(path="artifacts/memory/index.json", items=2, bytes=0)


def save_memory(folder: Path) -> InstanceMemory:
    entries = (replace(rectangle_entry(3, (2, 4, 12, 9)), times_drawn=8), rectangle_entry(5, (0, 0, 6, 6)))
    memory = InstanceMemory(entries, budget=4, warnings=("too few",), seen_classes=(3, 5, 7))
    memory.save(folder / "artifacts" / "memory")
    return memory


def test_every_item_becomes_a_row_and_its_four_files_are_stored(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    memory = save_memory(tmp_path)
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    stored = store_memory(storage, tmp_path, EVENT)
    with database.write() as session:
        write_memory(session, run.id, session.get_one(Attempt, attempt_id), stored)
    with database.read() as session:
        rows = session.scalars(select(MemoryItem).order_by(MemoryItem.rank)).all()
    assert [(row.item_id, row.class_id, row.classes) for row in rows] == [
        (memory.entries[0].id, 3, [3]),
        (memory.entries[1].id, 5, [5]),
    ]
    assert (rows[0].box, rows[0].image_size, rows[0].area) == ([2, 4, 12, 9], [24, 20], 50)
    assert rows[0].crop_sha256 == hashlib.sha256(memory.entries[0].crop_png).hexdigest()
    assert rows[0].label_sha256 == hashlib.sha256(memory.entries[0].label_png).hexdigest()
    thumbnail = tmp_path / "artifacts" / "memory" / "thumbs" / f"{memory.entries[0].id}.png"
    assert storage.path(rows[0].thumbnail_sha256).read_bytes() == thumbnail.read_bytes()
    assert storage.path(rows[0].source_sha256).read_bytes() == memory.entries[0].source_jpeg
    assert [row.times_drawn for row in rows] == [8, 0]


def test_snapshot_keeps_budget_classes_and_warnings(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    save_memory(tmp_path)
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    stored = store_memory(storage, tmp_path, EVENT)
    with database.write() as session:
        write_memory(session, run.id, session.get_one(Attempt, attempt_id), stored)
    with database.read() as session:
        row = session.get_one(models.MemorySnapshot, run.stages[0].id)
    assert (row.budget, row.seen_classes, row.warnings) == (4, [3, 5, 7], ["too few"])


def test_a_second_snapshot_of_the_stage_replaces_the_first(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    save_memory(tmp_path)
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    stored = store_memory(storage, tmp_path, EVENT)
    for _ in range(2):
        with database.write() as session:
            write_memory(session, run.id, session.get_one(Attempt, attempt_id), stored)
    with database.read() as session:
        assert len(session.scalars(select(MemoryItem)).all()) == 2


def test_a_crop_that_is_not_what_the_index_says_is_refused(storage: LocalStorage, tmp_path: Path) -> None:
    save_memory(tmp_path)
    index = tmp_path / "artifacts" / "memory" / "index.json"
    first = json.loads(index.read_text())["items"][0]
    (index.parent / first["crop"]).write_bytes(b"other")
    with pytest.raises(StorageError, match=r"crops/"):
        store_memory(storage, tmp_path, EVENT)
