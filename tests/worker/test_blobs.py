"""Deleting blobs that nothing refers to, and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from server.db.models import Artifact, Checkpoint, MemoryItem, Run, Stage
from server.db.session import Database
from server.storage import LocalStorage
from worker.blobs import discard

Reference = Callable[[Session, Run, str], None]


def _artifact(session: Session, run: Run, sha256: str) -> None:
    where = {"run_id": run.id, "stage_id": run.stages[0].id, "attempt_number": 1}
    session.add(Artifact(**where, name="a", kind="custom", media_type="text/plain", sha256=sha256, bytes=1))


def _checkpoint(session: Session, run: Run, sha256: str) -> None:
    where = {"stage_id": run.stages[0].id, "attempt_number": 1, "fencing_token": 1}
    session.add(Checkpoint(**where, iteration=1, files={"model": sha256}, bytes=1))


def _outputs(session: Session, run: Run, sha256: str) -> None:
    session.get_one(Stage, run.stages[0].id).outputs = {"model": {"": {"sha256": sha256, "bytes": 1}}}


def _memory_thumbnail(session: Session, run: Run, sha256: str) -> None:
    other = "0" * 64
    place = {"box": [0, 0, 1, 1], "image_size": [2, 2], "area": 1, "step_added": 0, "rank": 0, "bytes": 1}
    what = {"item_id": "i", "class_id": 1, "classes": [1], "source": "s"}
    files = {"crop_sha256": other, "label_sha256": other, "thumbnail_sha256": sha256}
    session.add(MemoryItem(run_id=run.id, stage_id=run.stages[0].id, **what, **place, **files))


def store(storage: LocalStorage, tmp_path: Path, content: str) -> str:
    path = tmp_path / "blob"
    path.write_text(content)
    return storage.put_file(path)


@pytest.mark.parametrize("refer", [_artifact, _checkpoint, _outputs, _memory_thumbnail])
def test_a_blob_that_a_row_names_is_kept(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path, refer: Reference
) -> None:
    sha256 = store(storage, tmp_path, "needed")
    with database.write() as session:
        refer(session, run, sha256)
    discard(database, storage, {sha256})
    assert storage.exists(sha256)


def test_a_blob_that_no_row_names_is_deleted(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    needed, useless = store(storage, tmp_path, "needed"), store(storage, tmp_path, "useless")
    with database.write() as session:
        _checkpoint(session, run, needed)
    discard(database, storage, {useless})
    assert (storage.exists(needed), storage.exists(useless)) == (True, False)
