"""Answers of people in the folder of the oracle that takes over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.acquisition.answers import answered_queries
from server.db.annotations import NewAnswer, hand_to_oracle, store_labels, submit
from server.db.lifecycle import Cause
from server.db.session import Database
from server.storage import LocalStorage, MissingFile
from tests.support.label_rounds import IGNORE, PROPOSAL, filled, make_waiting_round, query_ids
from tests.support.rows import load_run, make_claim
from worker.answered import given_answers, place_answers
from worker.context import WorkerContext
from worker.workspace import Workspace

IMAGES = ("ulm_1", "bonn_2")
CAUSE = Cause("user:ann")


def hand_over_half(database: Database, storage: LocalStorage, folder: Path) -> tuple[str, str]:
    """Let people answer one of two queries and the oracle take over; returns the ids of run and label stage."""
    stage = make_waiting_round(database, storage, folder, IMAGES)
    facts = store_labels(storage, filled(7), ignore_id=IGNORE, proposal=filled(PROPOSAL), earlier=None)
    new = NewAnswer(query_ids(stage.run_id, IMAGES)[0], "ann", "person", facts, 3, 1.5)
    with database.write() as session:
        submit(session, new, cause=CAUSE)
        hand_to_oracle(session, stage.id, cause=CAUSE)
    return stage.run_id, stage.id


def test_the_answers_that_count_are_placed_with_their_labels(
    database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    _, stage_id = hand_over_half(database, storage, tmp_path / "asked")
    with database.read() as session:
        given = given_answers(session, stage_id)

    place_answers(storage, given, tmp_path / "answered")

    [one] = answered_queries(tmp_path / "answered")
    assert (one.answer.author, one.answer.image, one.answer.seconds) == ("ann", "ulm_1", 1.5)
    np.testing.assert_array_equal(one.labels, filled(7))


def test_stages_that_ask_nothing_are_given_nothing(database: Database, storage: LocalStorage, tmp_path: Path) -> None:
    run_id, _ = hand_over_half(database, storage, tmp_path)

    with database.read() as session:
        assert given_answers(session, load_run(database, run_id).stages[0].id) == ()


def test_lost_labels_are_named(database: Database, storage: LocalStorage, tmp_path: Path) -> None:
    _, stage_id = hand_over_half(database, storage, tmp_path / "asked")
    with database.read() as session:
        given = given_answers(session, stage_id)
    storage.delete(given[0].sha256)

    with pytest.raises(MissingFile, match=given[0].sha256):
        place_answers(storage, given, tmp_path / "answered")


def test_the_folder_of_the_oracle_holds_them_as_an_input(
    make_context: Callable[..., WorkerContext], database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    run_id, _ = hand_over_half(database, storage, tmp_path / "asked")
    context = make_context()
    stages = load_run(database, run_id).stages
    with database.write() as session:
        # What the select stage left, as the label stage's input names it.
        row = session.merge(stages[1])
        row.outputs = {"queries": {"queries.json": {"sha256": storage.put_bytes(b"{}"), "bytes": 2}}}
    claim = make_claim(database, load_run(database, run_id).stages[2])
    workspace = Workspace(database, storage, context.machine, claim.lease)

    spec = workspace.prepare()

    assert spec.inputs == {"queries": "inputs/queries", "answered": "inputs/answered"}
    assert len(list(answered_queries(workspace.folder / "inputs/answered"))) == 1
