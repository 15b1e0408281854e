"""Outputs of a finished stage."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import StorageError
from server.db.models import Artifact, Checkpoint, Run, RunEvent, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.rows import load_run, make_claim
from tests.support.stages import CONTENTS, digest, write_result
from worker.collect import Collected, collect, is_finished, settle_collected

MANY = 5000


def test_a_stage_is_finished_once_its_result_is_there(tmp_path: Path) -> None:
    assert not is_finished(tmp_path)
    assert is_finished(write_result(tmp_path))


def test_outputs_keep_their_tree_and_a_single_file_has_no_path(storage: LocalStorage, tmp_path: Path) -> None:
    outputs = collect(storage, write_result(tmp_path)).outputs
    assert outputs == {
        "model": {"model.json": {"sha256": digest("{}"), "bytes": 2}},
        "memory": {
            "index.json": {"sha256": digest("[]"), "bytes": 2},
            "crops/a.png": {"sha256": digest("crop"), "bytes": 4},
        },
        "report": {"": {"sha256": digest("well done"), "bytes": 9}},
    }
    assert all(storage.exists(digest(content)) for content in CONTENTS.values())


def test_people_are_shown_the_files_that_are_not_reached_through_an_index(
    storage: LocalStorage, tmp_path: Path
) -> None:
    artifacts = collect(storage, write_result(tmp_path)).artifacts
    assert {(file.name, file.kind) for file in artifacts} == {
        ("model/model.json", "checkpoint"),
        ("memory/index.json", "memory_snapshot"),
        ("report.txt", "custom"),
    }


def write_pseudo_labels(folder: Path, count: int = MANY) -> Path:
    """Write the result of a stage that leaves an index and so many pseudo-labels."""
    contents = {"artifacts/pseudo/index.json": "[]"}
    contents |= {f"artifacts/pseudo/maps/{number:05}.png": f"map {number}" for number in range(count)}
    return write_result(folder, {"pseudo": "artifacts/pseudo"}, contents)


def test_thousands_of_files_become_one_artifact_beside_their_index(storage: LocalStorage, tmp_path: Path) -> None:
    collected = collect(storage, write_pseudo_labels(tmp_path))

    entries = collected.outputs["pseudo"]
    assert {name: entry.get("files") for name, entry in entries.items()} == {"": MANY, "index.json": None}
    assert [(file.name, file.kind, file.sha256) for file in collected.artifacts] == [
        ("pseudo.zip", "custom", entries[""]["sha256"]),
        ("pseudo/index.json", "custom", digest("[]")),
    ]
    assert not storage.exists(digest("map 0"))


def test_attempt_that_wrote_the_same_files_leaves_the_same_outputs(storage: LocalStorage, tmp_path: Path) -> None:
    first = collect(storage, write_pseudo_labels(tmp_path / "attempt-1", 100))
    second = collect(storage, write_pseudo_labels(tmp_path / "attempt-2", 100))

    assert collect(storage, tmp_path / "attempt-1") == first == second


def test_packed_file_that_is_not_what_the_result_says_is_named(storage: LocalStorage, tmp_path: Path) -> None:
    folder = write_pseudo_labels(tmp_path, 100)
    (folder / "artifacts/pseudo/maps/00007.png").write_text("map 8")

    with pytest.raises(StorageError, match=r"maps/00007\.png is damaged"):
        collect(storage, folder)


def test_a_listed_file_that_is_missing_is_named(storage: LocalStorage, tmp_path: Path) -> None:
    (write_result(tmp_path) / "artifacts/report.txt").unlink()
    with pytest.raises(StorageError, match=r"report\.txt: listed in result\.json, but it is not there"):
        collect(storage, tmp_path)


def test_a_file_of_another_size_is_named_with_both_sizes(storage: LocalStorage, tmp_path: Path) -> None:
    (write_result(tmp_path) / "artifacts/report.txt").write_text("short")
    with pytest.raises(StorageError, match=r"report\.txt: has 5 bytes, result\.json says 9"):
        collect(storage, tmp_path)


def test_a_file_of_the_same_size_with_other_bytes_is_refused(storage: LocalStorage, tmp_path: Path) -> None:
    (write_result(tmp_path) / "artifacts/report.txt").write_text("well dunn")
    with pytest.raises(StorageError, match="is damaged"):
        collect(storage, tmp_path)


def test_an_output_without_files_is_refused(storage: LocalStorage, tmp_path: Path) -> None:
    write_result(tmp_path, outputs={"model": "artifacts/mod"})
    with pytest.raises(StorageError, match="no file of output model"):
        collect(storage, tmp_path)


def test_one_transaction_attaches_the_outputs_and_queues_the_next_stage(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    claim = make_claim(database, run.stages[0])
    with database.write() as session:
        for iteration, sha256 in ((2, "a" * 64), (4, "b" * 64)):
            where = {"stage_id": run.stages[0].id, "attempt_number": 1, "fencing_token": 1}
            session.add(Checkpoint(**where, iteration=iteration, files={"m": sha256}, bytes=1))
    collected: Collected = collect(storage, write_result(tmp_path))
    with database.write() as session:
        dropped = settle_collected(session, claim.lease, collected)
    assert dropped == {"a" * 64}
    after = load_run(database, run.id)
    assert [stage.state for stage in after.stages] == ["succeeded", "queued", "pending"]
    with database.read() as session:
        assert session.get_one(Stage, run.stages[0].id).outputs == collected.outputs
        names = set(session.scalars(select(Artifact.name)))
        announced = {
            row.payload["name"] for row in session.scalars(select(RunEvent).where(RunEvent.type == "artifact"))
        }
        assert [row.iteration for row in session.scalars(select(Checkpoint))] == [4]
    assert names == announced == {"model/model.json", "memory/index.json", "report.txt"}
