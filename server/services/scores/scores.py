"""Evaluations with their numbers and matrices."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from server.db.models import Evaluation, Score
from server.errors import NotFoundError
from server.schemas import scores as schemas
from server.schemas.classes import DatasetClasses
from server.schemas.page import Page
from server.services.experiments.classes import classes_of_run
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.runs import runs


def list_page(
    session: Session, run_id: str, *, has_confusion: bool, cursor: str | None, limit: int
) -> Page[schemas.Evaluation]:
    """Return one page of a run's evaluations in the order of steps, newest attempt of each; raises NotFoundError."""
    runs.require(session, run_id)
    after = decode_cursor("scores", cursor, (int, str))
    statement = select(Evaluation).where(Evaluation.run_id == run_id).order_by(Evaluation.step, Evaluation.id)
    if after is not None:
        step, evaluation_id = int(after[0]), str(after[1])
        statement = statement.where(
            (Evaluation.step > step) | ((Evaluation.step == step) & (Evaluation.id > evaluation_id))
        )
    if not has_confusion:
        statement = statement.options(defer(Evaluation.confusion))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    return Page(
        items=_views(session, rows, classes_of_run(session, run_id), has_confusion),
        next_cursor=encode_cursor("scores", (last.step, last.id)) if last else None,
    )


def show(session: Session, evaluation_id: str) -> schemas.Evaluation:
    """Return one evaluation with its confusion matrix; raises NotFoundError."""
    row = session.get(Evaluation, evaluation_id)
    if row is None:
        raise NotFoundError("evaluation", evaluation_id)
    runs.require(session, row.run_id)
    return _views(session, [row], classes_of_run(session, row.run_id), has_confusion=True)[0]


def matrix_of(evaluation: Evaluation) -> npt.NDArray[np.int64]:
    """Return the confusion matrix of an evaluation: pixels, rows ground truth, columns predictions."""
    size = len(evaluation.channels)
    return np.frombuffer(zlib.decompress(evaluation.confusion), dtype="<i8").reshape(size, size).astype(np.int64)


def _views(
    session: Session, rows: Sequence[Evaluation], classes: DatasetClasses, has_confusion: bool
) -> list[schemas.Evaluation]:
    numbers = _grouped(
        session.scalars(select(Score).where(Score.evaluation_id.in_([row.id for row in rows])).order_by(Score.id))
    )
    return [
        schemas.Evaluation(
            id=row.id,
            run_id=row.run_id,
            stage_id=row.stage_id,
            attempt=row.attempt_number,
            split=row.split,
            step=row.step,
            iteration=row.iteration,
            at=row.at,
            channels=[classes.label(class_id) for class_id in row.channels],
            scores=[schemas.ScoreValue.model_validate(score) for score in numbers[row.id]],
            confusion=matrix_of(row).tolist() if has_confusion else None,
        )
        for row in rows
    ]


def _grouped(scores: Iterable[Score]) -> dict[str, list[Score]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        groups[score.evaluation_id].append(score)
    return groups
