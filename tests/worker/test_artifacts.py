"""Artifact rows."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.db.models import Artifact, Attempt, Run
from server.db.session import Database
from tests.support.rows import make_claim
from worker.artifacts import StoredFile, artifact_name, media_type_of, write_artifact


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("artifacts/model/model.json", "model/model.json"),
        ("spec.json", "spec.json"),
        ("my/artifacts/a", "my/artifacts/a"),
    ],
)
def test_a_file_below_artifacts_is_named_from_there(path: str, name: str) -> None:
    assert artifact_name(path) == name


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.json", "application/json"), ("a.png", "image/png"), ("model.safetensors", "application/octet-stream")],
)
def test_the_media_type_follows_from_the_name(name: str, media_type: str) -> None:
    assert media_type_of(name) == media_type


def test_a_second_file_of_the_same_name_replaces_the_first(database: Database, run: Run) -> None:
    attempt_id = make_claim(database, run.stages[0]).lease.attempt_id
    messages = []
    for sha256, size in (("a" * 64, 1), ("b" * 64, 2)):
        with database.write() as session:
            attempt = session.get_one(Attempt, attempt_id)
            messages.append(write_artifact(session, run.id, attempt, StoredFile("r.json", "report", size, sha256)))
    assert messages[0]["id"] == messages[1]["id"]
    assert messages[1] == {"id": messages[0]["id"], "name": "r.json", "kind": "report", "bytes": 2}
    with database.read() as session:
        row = session.scalars(select(Artifact)).one()
    assert (row.sha256, row.media_type, row.run_id) == ("b" * 64, "application/json", run.id)
