"""What an answer is checked against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from server.db.annotations import NewAnswer, close_round, store_labels, submit
from server.db.models import Stage
from server.db.session import Database
from server.errors import ContentMissingError
from server.services.rounds.queries import read_target
from server.storage import LocalStorage
from tests.support.label_rounds import IGNORE, PROPOSAL, ask_next, filled, finish_stage, make_waiting_round, query_ids
from tests.support.rows import USER, load_run


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    """An empty storage."""
    return LocalStorage(tmp_path / "storage")


@pytest.fixture
def second_round(
    database: Database, storage: LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Stage, str]:
    """The label stage of a second round about `ulm_1`, and the digest of the pack of the first one's labels."""
    monkeypatch.setattr("server.storage.outputs.PACKED_ABOVE", 1)
    images = ["ulm_1", "bonn_2"]
    first = make_waiting_round(database, storage, tmp_path, images, rounds=2)
    for query_id, value in zip(query_ids(first.run_id, images), (3, 7), strict=True):
        facts = store_labels(storage, filled(value), ignore_id=IGNORE, proposal=filled(PROPOSAL), earlier=None)
        with database.write() as session:
            submit(session, NewAnswer(query_id, "ann", "person", facts, 1, 1.0), cause=USER)
    close_round(database, storage, first.id, cause=USER)
    stages = load_run(database, first.run_id).stages
    finish_stage(database, stages[3])
    return ask_next(database, storage, tmp_path, first.run_id, ["ulm_1"]), stages[2].outputs["labels"][""]["sha256"]


def test_labels_of_earlier_rounds_are_read_from_their_pack(
    database: Database, storage: LocalStorage, second_round: tuple[Stage, str]
) -> None:
    [query_id] = query_ids(second_round[0].run_id, ["ulm_1"], 1)

    with database.read() as session:
        target = read_target(session, storage, query_id)

    assert target.earlier is not None
    np.testing.assert_array_equal(target.earlier, filled(3))


def test_lost_pack_of_earlier_labels_is_missing_content(
    database: Database, storage: LocalStorage, second_round: tuple[Stage, str]
) -> None:
    [query_id] = query_ids(second_round[0].run_id, ["ulm_1"], 1)
    storage.delete(second_round[1])

    with database.read() as session, pytest.raises(ContentMissingError, match="the earlier labels of 'ulm_1'"):
        read_target(session, storage, query_id)
