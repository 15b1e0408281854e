"""What was learned and what was forgotten, computed from the stored confusion matrices (MET-6, MET-7)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.metrics.continual import ContinualScores, continual_scores, without_new_classes
from core.stage.events import BACKGROUND_ID
from core.streams.base import StreamKind
from server.db.models import Evaluation, Experiment, Run, Score
from server.db.run_scores import main_split
from server.schemas.classes import DatasetClasses
from server.schemas.scores import StepColumn, StepRow, StepTable
from server.services.experiments.classes import classes_of_run
from server.services.runs import runs
from server.services.scores import scores

Table = npt.NDArray[np.float64]


def step_table(session: Session, run_id: str, split: str | None) -> StepTable:
    """Return the table of a run; raises NotFoundError.

    Args:
        session: a reading session.
        run_id: the run.
        split: which evaluations count; None takes the run's main split.
    """
    runs.require(session, run_id)
    evaluations = _evaluations(session, run_id, split)
    if not evaluations:
        return StepTable(run_id=run_id, split=split, classes=[], steps=[], average_miou=None)
    classes = classes_of_run(session, run_id)
    sizes = [len(_channels(evaluation)) for evaluation in evaluations]
    learned = np.diff([1, *sizes]).tolist()
    has_background = _has_background(session, evaluations[-1], classes)
    result = continual_scores([_matrix(evaluation) for evaluation in evaluations], learned, has_background)
    if not _learns_classes(session, run_id):
        result = without_new_classes(result)
    first = 0 if has_background else 1
    iou = result.class_iou[:, first:]
    drop = drop_since_learned(iou)
    return StepTable(
        run_id=run_id,
        split=evaluations[0].split,
        classes=[
            StepColumn(**classes.label(class_id).model_dump(), step_learned=_step_learned(class_id, channel, sizes))
            for channel, class_id in enumerate(_channels(evaluations[-1]))
            if channel >= first
        ],
        steps=[_row(evaluation, step, result, iou, drop) for step, evaluation in enumerate(evaluations)],
        average_miou=_number(result.average_miou),
    )


def drop_since_learned(iou: Table) -> Table:
    """Return for each class its IoU when it was learnt less its present IoU, (T, C); NaN until then."""
    is_known = ~np.isnan(iou)
    first = iou[is_known.argmax(axis=0), np.arange(iou.shape[1])]
    is_later = np.cumsum(is_known, axis=0) > 1
    drop: Table = np.where(is_later, first[None, :] - iou, np.nan)
    return drop


def _evaluations(session: Session, run_id: str, split: str | None) -> Sequence[Evaluation]:
    """Return the evaluations of steps 0, 1, … as far as there is no gap; the newest attempt of each."""
    statement = select(Evaluation).where(Evaluation.run_id == run_id)
    chosen = split if split is not None else main_split(session, run_id)
    rows = session.scalars(
        statement.where(Evaluation.split == chosen).order_by(Evaluation.step, Evaluation.attempt_number, Evaluation.id)
    ).all()
    of_step = {row.step: row for row in rows}
    found: list[Evaluation] = []
    while len(found) in of_step:
        found.append(of_step[len(found)])
    return found


def _channels(evaluation: Evaluation) -> list[int]:
    """Return the ids of an evaluation's channels with the background first, for networks without one too."""
    channels = list(evaluation.channels)
    return channels if channels[:1] == [BACKGROUND_ID] else [BACKGROUND_ID, *channels]


def _matrix(evaluation: Evaluation) -> npt.NDArray[np.int64]:
    """Return the confusion matrix of `_channels`; a background that the network has not is never seen."""
    matrix = scores.matrix_of(evaluation)
    missing = len(_channels(evaluation)) - len(matrix)
    return np.pad(matrix, ((missing, 0), (missing, 0)))


def _learns_classes(session: Session, run_id: str) -> bool:
    """Return whether the run's stream teaches classes one after the other, so that old ones can be forgotten."""
    statement = select(Experiment.resolved).join(Run, Run.experiment_id == Experiment.id).where(Run.id == run_id)
    kind = session.scalars(statement).one().get("stream", {}).get("kind", StreamKind.CLASS_INCREMENTAL)
    return StreamKind(kind) is StreamKind.CLASS_INCREMENTAL


def _has_background(session: Session, evaluation: Evaluation, classes: DatasetClasses) -> bool:
    """Return whether the background counts: as the dataset says, or as was tested where that is not known."""
    if BACKGROUND_ID not in evaluation.channels:
        return False
    if classes.has_background is not None:
        return classes.has_background
    iou = select(Score.class_id).where(Score.evaluation_id == evaluation.id, Score.metric == "iou")
    return BACKGROUND_ID in session.scalars(iou).all()


def _row(evaluation: Evaluation, step: int, result: ContinualScores, iou: Table, drop: Table) -> StepRow:
    return StepRow(
        step=step,
        stage_id=evaluation.stage_id,
        evaluation_id=evaluation.id,
        miou_all=_number(result.miou_all[step]),
        miou_old=_number(result.miou_old[step]),
        miou_new=_number(result.miou_new[step]),
        miou_harmonic=_number(result.miou_harmonic[step]),
        forgetting=_number(result.mean_class_forgetting[step]),
        group_miou=_numbers(result.group_miou[step]),
        average=_number(result.average[step]),
        group_forgetting=_number(result.forgetting[step]),
        backward_transfer=_number(result.backward_transfer[step]),
        plasticity=_number(result.plasticity[step]),
        iou=_numbers(iou[step]),
        drop=_numbers(drop[step]),
    )


def _step_learned(class_id: int, channel: int, sizes: Sequence[int]) -> int | None:
    if class_id == BACKGROUND_ID:
        return None
    return next(step for step, size in enumerate(sizes) if channel < size)


def _numbers(row: Table) -> list[float | None]:
    return [_number(value) for value in row]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
