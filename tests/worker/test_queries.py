"""Queries and answers as rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from core.acquisition.answers import AnswerRecord
from core.acquisition.catalog import QueryUnit
from core.acquisition.manifest import MASK_DIR, Answer, AnsweredQuery, mask_name
from core.acquisition.queries import QUERY_FILE
from core.errors import StorageError
from core.files import index_png
from core.stage.events import Annotations, Queries
from server.db.annotations import NewAnswer, store_labels, submit
from server.db.models import Annotation, Attempt, Query, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.label_rounds import IGNORE, PROPOSAL, filled, finish_stage, make_rounds_run, query_ids, write_batch
from tests.support.publishing import IMAGES as PUBLISHED
from tests.support.publishing import Attempts, killed_at
from tests.support.rows import USER, load_run, make_claim
from worker.queries import store_answers, store_queries, write_answers, write_queries

IMAGES = ("ulm_1", "bonn_2")
ASKED = Queries(path=f"inputs/queries/{QUERY_FILE}", count=2)
ANSWERED = Annotations(
    path="artifacts/answers/answers.json", queries="inputs/queries", earlier="inputs/labels", count=2
)


def answer(query: str, image: str, labels: np.ndarray) -> AnsweredQuery:
    pixels = int((labels != IGNORE).sum())
    made = Answer(
        query=query, image=image, unit=QueryUnit.IMAGE, round=0, author="oracle", pixels=pixels, clicks=5, seconds=0
    )
    return AnsweredQuery(made, labels)


def test_every_file_of_a_batch_is_stored_before_a_row_names_it(storage: LocalStorage, tmp_path: Path) -> None:
    batch = write_batch(tmp_path / "inputs/queries", "run", IMAGES, region=np.ones((6, 8), bool))

    stored = store_queries(storage, tmp_path, ASKED)

    assert stored.batch == batch
    assert len(stored.blobs) == (4 + 3) * len(IMAGES)
    for path, sha256 in stored.blobs.items():
        assert storage.path(sha256).read_bytes() == (tmp_path / "inputs/queries" / path).read_bytes()


def test_a_missing_file_of_a_batch_is_named(storage: LocalStorage, tmp_path: Path) -> None:
    batch = write_batch(tmp_path / "inputs/queries", "run", IMAGES)
    (tmp_path / "inputs/queries" / batch.queries[0].proposal).unlink()

    with pytest.raises((StorageError, FileNotFoundError), match=r"proposals/.*\.png"):
        store_queries(storage, tmp_path, ASKED)


def test_answers_of_the_oracle_become_accepted_versions(
    database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    run = make_rounds_run(database, by_people=False)
    finish_stage(database, run.stages[0])
    write_batch(tmp_path / "inputs/queries", run.id, IMAGES)
    with database.write() as session:
        write_queries(session, session.get_one(Stage, run.stages[1].id), store_queries(storage, tmp_path, ASKED))
    finish_stage(database, load_run(database, run.id).stages[1])
    (tmp_path / "inputs/labels" / MASK_DIR).mkdir(parents=True)
    earlier = filled(IGNORE)
    earlier[0] = 3
    (tmp_path / "inputs/labels" / mask_name("bonn_2")).write_bytes(index_png(earlier))
    record = AnswerRecord(tmp_path / "artifacts/answers")
    keys, part = query_ids(run.id, IMAGES), filled(IGNORE)
    part[1] = 7
    list(record.passing([answer(keys[0], "ulm_1", filled(3)), answer(keys[1], "bonn_2", part)]))
    record.close()

    answers = store_answers(storage, tmp_path, ANSWERED)
    # An oracle is a stage like any other: it was queued, and a worker has it.
    attempt_id = make_claim(database, load_run(database, run.id).stages[2]).lease.attempt_id
    for _ in range(2):
        with database.write() as session:
            write_answers(session, session.get_one(Attempt, attempt_id), answers)

    with database.read() as session:
        rows = {row.query_id: row for row in session.scalars(select(Annotation))}
        assert {query.state for query in session.scalars(select(Query))} == {"accepted"}
    assert set(rows) == set(keys)
    first, second = rows[keys[0]], rows[keys[1]]
    assert (first.author, first.source, first.pixels, first.agreeing_pixels, first.clicks) == (
        "oracle",
        "oracle",
        48,
        48,
        5,
    )
    assert (second.pixels, second.agreeing_pixels) == (8, 0)
    assert (first.merged_sha256 == first.mask_sha256, second.merged_sha256 == second.mask_sha256) == (True, False)
    earlier[1] = 7
    assert storage.path(second.merged_sha256).read_bytes() == index_png(earlier)


@pytest.fixture
def attempts(database: Database, storage: LocalStorage, tmp_path: Path) -> Attempts:
    """A select stage that is queued."""
    return Attempts(database, storage, tmp_path)


@pytest.mark.parametrize("moment", ["storing", "inserting", "committing"])
def test_a_publication_that_was_cut_off_is_made_once_by_the_next_attempt(
    attempts: Attempts, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    first = attempts.begin(1)
    with killed_at(moment, monkeypatch):
        first.drain()
    assert attempts.rows() == (0, 0)

    attempts.lose()
    attempts.begin(2).drain()

    assert attempts.rows() == (1, len(PUBLISHED))
    assert attempts.end().state == "waiting_annotation"


def test_an_attempt_that_died_after_its_commit_is_repeated_without_asking_twice(attempts: Attempts) -> None:
    attempts.begin(1).drain()
    attempts.lose()
    attempts.begin(2).drain()

    assert attempts.rows() == (1, len(PUBLISHED))


def test_answers_outlive_a_publication_that_comes_again(
    attempts: Attempts, database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    attempts.begin(1).drain()
    stage = attempts.end()
    [answered, *_] = query_ids(stage.run_id, PUBLISHED)
    facts = store_labels(storage, filled(), ignore_id=IGNORE, proposal=filled(PROPOSAL), earlier=None)
    with database.write() as session:
        submit(session, NewAnswer(answered, "ann", "person", facts, 1, 1.0), cause=USER)

    # What an attempt that was thought dead still brings.
    again = store_queries(storage, tmp_path / "attempt-1", Queries(path=f"artifacts/queries/{QUERY_FILE}", count=3))
    with database.write() as session:
        write_queries(session, session.get_one(Stage, load_run(database, stage.run_id).stages[1].id), again)

    assert attempts.rows() == (1, len(PUBLISHED))
    with database.read() as session:
        assert session.get_one(Query, answered).state == "accepted"
        assert session.scalar(select(func.count()).select_from(Annotation)) == 1
