"""Evaluations: the confusion matrix, and the scores derived from it (MET-6)."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.stage import events
from server.db.models import Evaluation, Score
from server.db.run_scores import keep_scores


@dataclass(frozen=True)
class Evaluated:
    """Which stage and attempt tested its model."""

    run_id: str
    stage_id: str
    attempt_number: int


def pack_confusion(matrix: Sequence[Sequence[int]]) -> bytes:
    """Return a matrix as zlib-compressed little-endian int64, row by row."""
    cells = [cell for row in matrix for cell in row]
    return zlib.compress(struct.pack(f"<{len(cells)}q", *cells))


def write_evaluation(session: Session, source: Evaluated, event: events.Scores) -> str:
    """Store one evaluation and return its id; one of the same stage, split and step is replaced."""
    evaluation = session.scalar(
        select(Evaluation).where(
            Evaluation.stage_id == source.stage_id, Evaluation.split == event.split, Evaluation.step == event.step
        )
    )
    if evaluation is None:
        evaluation = Evaluation(run_id=source.run_id, stage_id=source.stage_id, split=event.split, step=event.step)
        session.add(evaluation)
    evaluation.attempt_number = source.attempt_number
    evaluation.iteration = event.iteration
    evaluation.channels = list(event.channels)
    evaluation.confusion = pack_confusion(event.confusion)
    evaluation.at = event.time
    session.flush()
    session.execute(delete(Score).where(Score.evaluation_id == evaluation.id))
    rows = [
        {
            "evaluation_id": evaluation.id,
            "run_id": source.run_id,
            "step": event.step,
            "metric": score.metric,
            "class_id": score.class_id,
            "group": score.group,
            "value": score.value if math.isfinite(score.value) else None,
        }
        for score in event.scores
    ]
    if rows:
        session.execute(insert(Score), rows)
    keep_scores(session, source.run_id)
    return evaluation.id


def group_score(event: events.Scores, metric: str, group: str) -> float | None:
    """Return a group's score of an evaluation; None where it has none, or one that is not finite."""
    values = [score.value for score in event.scores if score.metric == metric and score.group == group]
    return values[0] if values and math.isfinite(values[0]) else None
