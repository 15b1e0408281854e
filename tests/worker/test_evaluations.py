"""Evaluations, their scores and their records."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.methods.scoring import Headline
from core.metrics.records import write_record
from core.stage import events
from server.db.models import Evaluation, EvaluationRecord, Run, Score
from server.db.session import Database
from server.storage import DamagedFile, LocalStorage
from worker.blobs import is_referenced
from worker.evaluations import (
    INLINE_BYTES,
    Evaluated,
    StoredRecord,
    headline_score,
    store_records,
    write_evaluation,
)

SMALL = b'{"channels":[-1,1],"matrix":[[5,1],[2,8]]}'


def evaluation(miou: float | None, **of: object) -> events.Scores:
    numbers = [
        events.Score(metric="miou_present", value=miou, group="all"),
        events.Score(metric="iou", value=0.5, class_id=1),
    ]
    fields = {"split": "val", "step": 0, "iteration": 10, "scores": numbers} | of
    return events.Scores.model_validate(fields)


def write(
    database: Database,
    run: Run,
    event: events.Scores,
    attempt_number: int = 1,
    records: tuple[StoredRecord, ...] = (),
) -> str:
    with database.write() as session:
        return write_evaluation(session, Evaluated(run.id, run.stages[0].id, attempt_number), event, records).id


def values(database: Database, evaluation_id: str) -> dict[str, float | None]:
    with database.read() as session:
        rows = session.scalars(select(Score).where(Score.evaluation_id == evaluation_id))
        return {row.metric: row.value for row in rows}


def kept(database: Database, run: Run) -> tuple[float | None, float | None]:
    with database.read() as session:
        row = session.get_one(Run, run.id)
        return row.last_score, row.best_score


def test_an_evaluation_keeps_what_it_is_of_and_its_scores(database: Database, run: Run) -> None:
    evaluation_id = write(database, run, evaluation(0.75, domain="city-a"))
    with database.read() as session:
        row = session.get_one(Evaluation, evaluation_id)
    assert (row.split, row.domain, row.step, row.iteration) == ("val", "city-a", 0, 10)
    assert values(database, evaluation_id) == {"miou_present": 0.75, "iou": 0.5}


def test_a_second_evaluation_of_the_same_step_replaces_the_first(database: Database, run: Run) -> None:
    first = write(database, run, evaluation(0.75))
    second = write(database, run, evaluation(0.25), attempt_number=2)
    assert first == second
    assert values(database, first) == {"miou_present": 0.25, "iou": 0.5}
    with database.read() as session:
        assert [row.attempt_number for row in session.scalars(select(Evaluation))] == [2]
        assert len(session.scalars(select(Score)).all()) == 2


def test_other_splits_domains_and_steps_have_their_own_evaluation(database: Database, run: Run) -> None:
    ids = {
        write(database, run, evaluation(0.1)),
        write(database, run, evaluation(0.2, split="train")),
        write(database, run, evaluation(0.3, step=1)),
        write(database, run, evaluation(0.4, domain="city-a")),
        write(database, run, evaluation(0.5, domain="city-b")),
    }
    assert len(ids) == 5


def test_an_undefined_score_is_a_row_without_a_value(database: Database, run: Run) -> None:
    assert values(database, write(database, run, evaluation(None)))["miou_present"] is None


def test_the_headline_of_a_step_is_the_mean_over_its_domains(database: Database, run: Run) -> None:
    for step, domain, miou in ((0, "a", 0.9), (0, "b", 0.7), (1, "a", 0.2), (1, "b", None)):
        write(database, run, evaluation(miou, step=step, domain=domain))

    assert kept(database, run) == (pytest.approx(0.2), pytest.approx(0.8))


def test_scores_of_all_domains_together_stand_for_the_step(database: Database, run: Run) -> None:
    for domain, miou in (("a", 0.9), ("b", 0.7), (None, 0.75)):
        write(database, run, evaluation(miou, domain=domain))

    assert kept(database, run) == (0.75, 0.75)


def test_a_small_record_is_kept_with_its_row(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    record = write_record(tmp_path, "confusion", SMALL, ".json", [-1, 1])
    event = evaluation(0.5, records=[record])

    write(database, run, event, records=store_records(storage, tmp_path, event))

    with database.read() as session:
        (row,) = session.scalars(select(EvaluationRecord))
        assert (row.kind, row.channels, row.bytes, row.content) == ("confusion", [-1, 1], len(SMALL), SMALL)
        assert (row.sha256, row.name) == (record.sha256, Path(record.path).name)
    assert not storage.exists(record.sha256)


def test_a_large_record_is_stored_and_its_bytes_are_let_go_with_its_row(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    large = b"x" * (INLINE_BYTES + 1)
    record = write_record(tmp_path, "per_image", large, ".csv")
    event = evaluation(0.5, records=[record])
    write(database, run, event, records=store_records(storage, tmp_path, event))
    with database.read() as session:
        (row,) = session.scalars(select(EvaluationRecord))
        assert row.content is None
        assert is_referenced(session, record.sha256)
    assert storage.path(record.sha256).read_bytes() == large

    with database.write() as session:
        source = Evaluated(run.id, run.stages[0].id, 2)
        dropped = write_evaluation(session, source, evaluation(0.5)).dropped

    assert dropped == {record.sha256}
    with database.read() as session:
        assert session.scalars(select(EvaluationRecord)).all() == []
        assert not is_referenced(session, record.sha256)


def test_a_record_that_is_not_what_its_digest_says_is_refused(storage: LocalStorage, tmp_path: Path) -> None:
    record = write_record(tmp_path, "confusion", SMALL, ".json")
    (tmp_path / record.path).write_bytes(b"other")

    with pytest.raises(DamagedFile, match="confusion-"):
        store_records(storage, tmp_path, evaluation(0.5, records=[record]))


def test_an_evaluation_without_the_headline_has_none() -> None:
    headline, other = (Headline("miou_present", group, "mIoU", "mean") for group in ("all", "old"))
    assert headline_score(evaluation(0.5), headline) == 0.5
    assert headline_score(evaluation(0.5), other) is None
    assert headline_score(evaluation(None), headline) is None
    # A score of one class is no score over everything.
    assert headline_score(evaluation(0.5), Headline("iou", None, "IoU", "of everything")) is None
