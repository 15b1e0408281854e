"""Evaluations and their scores."""

from __future__ import annotations

import math
import zlib
from array import array

from sqlalchemy import select

from core.stage import events
from server.db.models import Evaluation, Run, Score
from server.db.session import Database
from worker.evaluations import Evaluated, group_score, pack_confusion, write_evaluation


def evaluation(miou: float, *, step: int = 0, split: str = "val", iou: float = 0.5) -> events.Scores:
    numbers = [
        events.Score(metric="miou", value=miou, group="all"),
        events.Score(metric="iou", value=iou, class_id=1),
    ]
    return events.Scores(
        split=split, step=step, iteration=10, channels=[-1, 1], confusion=[[5, 1], [2, 8]], scores=numbers
    )


def write(database: Database, run: Run, event: events.Scores, attempt_number: int = 1) -> str:
    with database.write() as session:
        return write_evaluation(session, Evaluated(run.id, run.stages[0].id, attempt_number), event)


def values(database: Database, evaluation_id: str) -> dict[str, float | None]:
    with database.read() as session:
        rows = session.scalars(select(Score).where(Score.evaluation_id == evaluation_id))
        return {row.metric: row.value for row in rows}


def test_a_matrix_is_packed_as_little_endian_64_bit_numbers_row_by_row() -> None:
    packed = array("q", zlib.decompress(pack_confusion([[1, 2**40], [3, 4]])))
    assert packed.tolist() == [1, 2**40, 3, 4]


def test_an_evaluation_keeps_its_matrix_and_scores(database: Database, run: Run) -> None:
    evaluation_id = write(database, run, evaluation(0.75))
    with database.read() as session:
        row = session.get_one(Evaluation, evaluation_id)
    assert array("q", zlib.decompress(row.confusion)).tolist() == [5, 1, 2, 8]
    assert (row.channels, row.split, row.step, row.iteration) == ([-1, 1], "val", 0, 10)
    assert values(database, evaluation_id) == {"miou": 0.75, "iou": 0.5}


def test_a_second_evaluation_of_the_same_step_replaces_the_first(database: Database, run: Run) -> None:
    first = write(database, run, evaluation(0.75))
    second = write(database, run, evaluation(0.25), attempt_number=2)
    assert first == second
    assert values(database, first) == {"miou": 0.25, "iou": 0.5}
    with database.read() as session:
        assert [row.attempt_number for row in session.scalars(select(Evaluation))] == [2]
        assert len(session.scalars(select(Score)).all()) == 2


def test_other_splits_and_steps_have_their_own_evaluation(database: Database, run: Run) -> None:
    ids = {
        write(database, run, evaluation(0.1)),
        write(database, run, evaluation(0.2, split="train")),
        write(database, run, evaluation(0.3, step=1)),
    }
    assert len(ids) == 3


def test_a_score_without_a_value_is_stored_as_none(database: Database, run: Run) -> None:
    assert values(database, write(database, run, evaluation(0.5, iou=math.nan)))["iou"] is None


def test_a_group_without_score_has_none() -> None:
    event = evaluation(0.5)
    assert group_score(event, "miou", "all") == 0.5
    assert group_score(event, "miou", "old") is None
    assert group_score(evaluation(math.nan), "miou", "all") is None
