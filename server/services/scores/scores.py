"""Evaluations with their numbers and records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload, undefer

from core.metrics.records import CONFUSION
from server.db.models import Evaluation, EvaluationRecord, Score
from server.db.shared_stages import is_of_run
from server.errors import NotFoundError
from server.schemas import scores as schemas
from server.schemas.classes import DatasetClasses
from server.schemas.page import Page
from server.services.experiments.classes import classes_of_run
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.runs import runs
from server.services.scores.records import confusion_of
from server.storage.base import Storage


def list_page(
    session: Session, storage: Storage, run_id: str, *, has_confusion: bool, cursor: str | None, limit: int
) -> Page[schemas.Evaluation]:
    """Return one page of a run's evaluations in step order, with the newest attempt of each.

    Raises:
        NotFoundError: when there is no such run.
        ContentMissingError: when a requested matrix is missing from storage.
    """
    runs.require(session, run_id)
    after = decode_cursor("scores", cursor, (int, str))
    statement = (
        select(Evaluation).where(is_of_run(Evaluation.stage_id, run_id)).order_by(Evaluation.step, Evaluation.id)
    )
    if after is not None:
        step, evaluation_id = int(after[0]), str(after[1])
        statement = statement.where(
            (Evaluation.step > step) | ((Evaluation.step == step) & (Evaluation.id > evaluation_id))
        )
    records = selectinload(Evaluation.records)
    statement = statement.options(records.options(undefer(EvaluationRecord.content)) if has_confusion else records)
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    matrices = {row.id: _matrix(storage, row) for row in rows} if has_confusion else {}
    return Page(
        items=_views(session, rows, classes_of_run(session, run_id), matrices),
        next_cursor=encode_cursor("scores", (last.step, last.id)) if last else None,
    )


def show(session: Session, storage: Storage, evaluation_id: str) -> schemas.Evaluation:
    """Return one evaluation with its confusion matrix, if any; raises the errors of `list_page`."""
    row = require(session, evaluation_id)
    matrices = {row.id: _matrix(storage, row)}
    return _views(session, [row], classes_of_run(session, row.run_id), matrices)[0]


def require(session: Session, evaluation_id: str) -> Evaluation:
    """Return the row of an evaluation whose run is not deleted; raises NotFoundError."""
    row = session.get(Evaluation, evaluation_id)
    if row is None:
        raise NotFoundError("evaluation", evaluation_id)
    runs.require(session, row.run_id)
    return row


Matrix = list[list[int]]


def _matrix(storage: Storage, evaluation: Evaluation) -> Matrix | None:
    confusion = confusion_of(storage, evaluation)
    return None if confusion is None else confusion.matrix


def _views(
    session: Session, rows: Sequence[Evaluation], classes: DatasetClasses, matrices: Mapping[str, Matrix | None]
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
            domain=row.domain,
            step=row.step,
            iteration=row.iteration,
            at=row.at,
            channels=[classes.label(class_id) for class_id in _channels(row)],
            scores=[schemas.ScoreValue.model_validate(score) for score in numbers[row.id]],
            records=[_record(record) for record in row.records],
            confusion=matrices.get(row.id),
        )
        for row in rows
    ]


def _channels(evaluation: Evaluation) -> Sequence[int]:
    listed = (record.channels for record in evaluation.records if record.kind == CONFUSION)
    return next(listed, None) or []


def _record(row: EvaluationRecord) -> schemas.EvaluationRecord:
    return schemas.EvaluationRecord(
        kind=row.kind,
        name=row.name,
        bytes=row.bytes,
        sha256=row.sha256,
        address=f"/api/v1/evaluations/{row.evaluation_id}/records/{row.kind}",
    )


def _grouped(scores: Iterable[Score]) -> dict[str, list[Score]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        groups[score.evaluation_id].append(score)
    return groups
