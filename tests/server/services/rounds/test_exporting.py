from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from core.data.exchange.manifest import ExportFormat
from server.db import annotations as db
from server.db.lifecycle import Cause
from server.db.models import Annotation, Artifact, Query, Stage
from server.db.session import Database
from server.errors import ContentMissingError, RoundEmptyError
from server.schemas.exchange import ExportRequest
from server.services.rounds import queries
from server.services.rounds.exporting import export_answers
from server.services.rounds.queries import Effort
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.label_rounds import filled, make_waiting_round, query_ids
from tests.support.zips import unpack

IMAGES = ("ulm_1", "bonn_2", "rome_3")
ANN = Cause("user:ann")
ORDER = ExportRequest(author="ann", format=ExportFormat.INDEX_PNG, images=True)


@pytest.fixture
def storage(settings: Settings) -> LocalStorage:
    """Storage below the test's folder."""
    return LocalStorage(settings.storage_folder)


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """A label stage that waits for people; two of its three queries are answered."""
    stage = make_waiting_round(database, storage, tmp_path / "asked", IMAGES)
    for key in query_ids(stage.run_id, IMAGES)[:2]:
        submit(database, storage, key, filled(3))
    return stage


def submit(database: Database, storage: LocalStorage, key: str, labels: np.ndarray) -> None:
    """Answer a query."""
    with database.read() as session:
        target = queries.read_target(session, storage, key)
    answer = queries.store_answer(storage, target, labels, Effort("ann", 1.0, 2))
    queries.submit(database, storage, answer, [], ANN)


def test_only_accepted_answers_leave(database: Database, storage: LocalStorage, stage: Stage) -> None:
    with database.write() as session:
        db.reject_answer(session, query_ids(stage.run_id, IMAGES)[1], "kerb", cause=ANN)

    made = export_answers(database, storage, stage.id, ORDER)

    files = unpack(storage.path(made.artifact.sha256).read_bytes())
    assert [name for name in files if name.startswith("labels/")] == ["labels/ulm_1.png"]
    assert (made.answers, made.files) == (1, 4)
    with database.read() as session:
        pictures = session.scalar(select(Query.picture_sha256).where(Query.image == "ulm_1"))
    assert pictures is not None
    assert files["images/ulm_1.jpg"] == storage.path(pictures).read_bytes()


def test_every_version_leaves_when_it_is_wanted(database: Database, storage: LocalStorage, stage: Stage) -> None:
    submit(database, storage, query_ids(stage.run_id, IMAGES)[0], filled(7))

    made = export_answers(database, storage, stage.id, ORDER.model_copy(update={"which": "all_versions"}))

    manifest = json.loads(unpack(storage.path(made.artifact.sha256).read_bytes())["manifest.json"])
    assert [(one["name"], one["version"]) for one in manifest["answers"]] == [
        ("bonn_2.v1", 1), ("ulm_1.v1", 1), ("ulm_1.v2", 2),
    ]  # fmt: skip


def test_an_export_again_makes_no_second_row_and_new_answers_do(
    database: Database, storage: LocalStorage, stage: Stage
) -> None:
    first = export_answers(database, storage, stage.id, ORDER)
    assert export_answers(database, storage, stage.id, ORDER) == first

    submit(database, storage, query_ids(stage.run_id, IMAGES)[0], filled(7))
    changed = export_answers(database, storage, stage.id, ORDER)

    assert changed.artifact.sha256 != first.artifact.sha256
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Artifact)) == 2


def test_labels_that_are_gone_from_storage_are_named(database: Database, storage: LocalStorage, stage: Stage) -> None:
    with database.read() as session:
        digest = session.scalars(select(Annotation.mask_sha256).order_by(Annotation.id)).first()
    assert digest is not None
    storage.delete(digest)

    with pytest.raises(ContentMissingError, match="the answer bonn_2 "):
        export_answers(database, storage, stage.id, ORDER)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Artifact)) == 0


def test_a_round_in_which_all_is_sent_back_has_nothing_to_export(
    database: Database, storage: LocalStorage, stage: Stage
) -> None:
    with database.write() as session:
        for key in query_ids(stage.run_id, IMAGES)[:2]:
            db.reject_answer(session, key, "kerb", cause=ANN)

    with pytest.raises(RoundEmptyError, match="nothing to export"):
        export_answers(database, storage, stage.id, ORDER)
