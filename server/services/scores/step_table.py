"""Table of learning and forgetting, from the scores of every step (MET-6, MET-7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.methods.catalog import scoring_of
from core.methods.scoring import Scoring
from core.metrics.continual import Table, can_forget, drop_from_best, drop_from_first, known_part, row_means
from core.metrics.iou import harmonic_mean
from core.metrics.score_rows import FALSE_SHARE
from core.stage.events import BACKGROUND_ID
from server.db.models import Experiment, Run
from server.db.run_scores import headline_by_step, main_split
from server.schemas.classes import DatasetClasses
from server.schemas.scores import DomainColumn, MatrixRow, StepColumn, StepRow, StepTable
from server.schemas.scoring import HeadlineScore
from server.services.experiments.classes import classes_of_run
from server.services.runs import runs
from server.services.scores.learning import learning_of
from server.services.scores.mean_scores import MEAN_GROUPS, mean_scores, undefined_of
from server.services.scores.measured import Key, measured
from server.services.scores.rule_in_words import rule_in_words
from server.services.scores.score_matrices import (
    ScoreView,
    groups_of,
    matrix_rows,
    number,
    numbers,
    score_matrices,
)

PUBLISHED = "miou"
"""Metric of the means that are named columns of the table."""


def step_table(session: Session, run_id: str, split: str | None, domain: str | None) -> StepTable:
    """Return the table of a run; raises NotFoundError.

    Args:
        session: a reading session.
        run_id: the run.
        split: split of the evaluations; None takes the run's main split.
        domain: domain whose classes and class groups are shown. None takes the scores of all domains together; if
            there are none, the first domain.
    """
    runs.require(session, run_id)
    scoring, classes = _scoring(session, run_id), classes_of_run(session, run_id)
    chosen = split if split is not None else main_split(session, run_id)
    found = measured(session, run_id, chosen, metrics_of(scoring))
    domains = found.domains
    shown = domain if domain is not None or None in domains else next(iter(domains), None)
    view = ScoreView(found, learning_of(session, run_id), scoring, shown)
    overall = headline_by_step(session, run_id, scoring.headline, chosen)
    rows = list(_rows(view, _class_table(view), overall))
    means = [row.miou_all for row in rows if row.miou_all is not None]
    return StepTable(
        run_id=run_id,
        split=chosen if rows else split,
        domain=shown,
        domains=[DomainColumn(name=name, step_learned=view.learning.domains[name]) for name in domains if name],
        headline=HeadlineScore.model_validate(scoring.headline),
        test_rule=rule_in_words(session, run_id, classes),
        class_metric=_class_metric(scoring),
        classes=_columns(view, classes),
        steps=rows,
        average_miou=float(np.mean(means)) if means else None,
        means=mean_scores(view),
        matrices=score_matrices(view),
    )


def forgetting_of_classes(view: ScoreView) -> dict[int, float | None]:
    """Return step -> mean over the old classes of what was forgotten; None where there is nothing to average."""
    return dict(zip(view.measured.steps, numbers(_class_table(view).forgetting), strict=True))


@dataclass(frozen=True)
class _ClassTable:
    """C[t, c] and the forgetting since; columns in the order of `_class_ids`."""

    values: Table
    drop: Table
    forgetting: Table
    is_undefined: list[list[bool]]
    false_share: Table


def _class_table(view: ScoreView) -> _ClassTable:
    ids, steps = _class_ids(view), view.measured.steps
    learned = [steps[0] if class_id == BACKGROUND_ID else view.learning.step_of(class_id) for class_id in ids]
    keys: list[Key] = [(_class_metric(view.scoring), None, class_id) for class_id in ids]
    values = view.measured.table(view.domain, keys)
    known = known_part(values, steps, learned)
    foreground = [column for column, class_id in enumerate(ids) if class_id != BACKGROUND_ID]
    forgets = can_forget([learned[column] for column in foreground])
    lost = row_means(drop_from_best(known[:, foreground]))
    return _ClassTable(
        values=values,
        drop=drop_from_first(known),
        is_undefined=undefined_of(view.measured, view.domain, keys),
        forgetting=lost if forgets else np.full(len(steps), np.nan),
        false_share=view.measured.table(view.domain, [(FALSE_SHARE, None, class_id) for class_id in ids]),
    )


def _rows(view: ScoreView, table: _ClassTable, overall: Mapping[int, float | None]) -> Sequence[StepRow]:
    steps, groups = view.measured.steps, groups_of(view)
    keys: list[Key] = [(PUBLISHED, group, None) for group in groups]
    kept = matrix_rows(
        view.measured.table(view.domain, keys), steps, steps, undefined=undefined_of(view.measured, view.domain, keys)
    )
    return [_row(view, table, place, matrix, overall.get(matrix.step)) for place, matrix in enumerate(kept)]


def _row(view: ScoreView, table: _ClassTable, place: int, kept: MatrixRow, score: float | None) -> StepRow:
    step = kept.step
    tested = view.measured.at(step, view.domain)
    published = {group: view.measured.value(step, view.domain, (PUBLISHED, group, None)) for group in MEAN_GROUPS}
    old, new = published["old"], published["new"]
    return StepRow(
        step=step,
        stage_id=tested.stage_id,
        evaluation_id=tested.evaluation_id,
        score=score,
        miou_all=published["all"],
        miou_old=old,
        miou_new=new,
        miou_harmonic=None if old is None or new is None else harmonic_mean(old, new),
        forgetting=number(table.forgetting[place]),
        group_miou=kept.values,
        average=kept.average,
        group_forgetting=kept.forgetting,
        backward_transfer=kept.backward_transfer,
        plasticity=kept.plasticity,
        iou=numbers(table.values[place]),
        drop=numbers(table.drop[place]),
        is_undefined=table.is_undefined[place],
        false_share=numbers(table.false_share[place]),
    )


def _columns(view: ScoreView, classes: DatasetClasses) -> list[StepColumn]:
    return [
        StepColumn(**classes.label(class_id).model_dump(), step_learned=view.learning.step_of(class_id))
        for class_id in _class_ids(view)
    ]


def _class_ids(view: ScoreView) -> list[int]:
    """Return the raw ids of the scored classes, the background first, then in the order of learning."""
    scored = view.measured.classes(view.domain, _class_metric(view.scoring))
    return sorted(scored, key=view.learning.order_of)


def _class_metric(scoring: Scoring) -> str:
    return next((table.metric for table in scoring.tables if table.by == "class"), "")


def metrics_of(scoring: Scoring) -> set[str]:
    """Return the metrics that the tables of a method show."""
    return {table.metric for table in scoring.tables} | {PUBLISHED, FALSE_SHARE}


def _scoring(session: Session, run_id: str) -> Scoring:
    method = select(Experiment.method).join(Run, Run.experiment_id == Experiment.id).where(Run.id == run_id)
    return scoring_of(session.scalars(method).one())
