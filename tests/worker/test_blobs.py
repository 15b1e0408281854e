"""Deleting blobs that nothing refers to, and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.models import Artifact, Checkpoint, MemoryItem, MemoryPaste, Prediction, Run, Stage
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
    place = {
        "box": [0, 0, 1, 1],
        "image_size": [2, 2],
        "area": 1,
        "step_added": 0,
        "rank": 0,
        "bytes": 1,
        "times_drawn": 0,
    }
    what = {"item_id": "i", "class_id": 1, "classes": [1], "source": "s"}
    files = {"crop_sha256": other, "label_sha256": other, "thumbnail_sha256": sha256, "source_sha256": other}
    session.add(MemoryItem(run_id=run.id, stage_id=run.stages[0].id, **what, **place, **files))


def _prediction(session: Session, run: Run, sha256: str) -> None:
    other = "0" * 64
    place = {
        "attempt_number": 1,
        "step": 0,
        "iteration": 1,
        "rank": 0,
        "kind": "dense",
        "source": "s",
        "width": 2,
        "height": 1,
    }
    what = {"background_id": None, "ignore_id": 255, "classes": [1], "pixel_accuracy": None, "iou": {}}
    files = {"image_sha256": other, "labels_sha256": sha256, "prediction_sha256": other}
    session.add(Prediction(run_id=run.id, stage_id=run.stages[0].id, **place, **what, **files))


def _source_picture(session: Session, run: Run, sha256: str) -> None:
    _memory_thumbnail(session, run, "1" * 64)
    session.flush()
    session.scalars(select(MemoryItem)).one().source_sha256 = sha256


def _paste(session: Session, run: Run, sha256: str) -> None:
    where = {"run_id": run.id, "stage_id": run.stages[0].id, "item_id": "i", "source": "s"}
    session.add(MemoryPaste(**where, box=[0, 0, 1, 1], image_size=[2, 2], lam=0.5, picture_sha256=sha256))


def store(storage: LocalStorage, tmp_path: Path, content: str) -> str:
    path = tmp_path / "blob"
    path.write_text(content)
    return storage.put_file(path)


@pytest.mark.parametrize(
    "refer", [_artifact, _checkpoint, _outputs, _memory_thumbnail, _source_picture, _paste, _prediction]
)
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
