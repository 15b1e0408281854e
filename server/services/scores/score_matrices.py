"""R[t, j] of a run, where j is a class group or a domain, with retention and forgetting (MET-7, MET-8)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.methods.scoring import ScoreTable, Scoring
from core.metrics.continual import Learned, Table, change_since_learned, retention
from core.metrics.iou import step_group
from server.schemas.scores import MatrixColumn, MatrixRow, ScoreMatrix
from server.services.scores.learning import Learning
from server.services.scores.measured import Key, Measured


@dataclass(frozen=True)
class ScoreView:
    """Inputs of a table of scores.

    Attributes:
        measured: the evaluations.
        learning: the step at which each class and domain is learned.
        scoring: scoring of the run's method.
        domain: domain whose class groups are shown.
    """

    measured: Measured
    learning: Learning
    scoring: Scoring
    domain: str | None


def score_matrices(view: ScoreView) -> list[ScoreMatrix]:
    """Return the method's tables that have scores, except the tables by class."""
    made = (_matrix(view, table) for table in view.scoring.tables if table.by != "class")
    return [matrix for matrix in made if matrix.columns]


def groups_of(view: ScoreView) -> list[str]:
    """Return the names of the class groups that a run's tested steps may have taught."""
    return [step_group(step) for step in view.measured.steps]


@dataclass(frozen=True)
class _Column:
    """One column of R, and the places of its scores."""

    shown: MatrixColumn
    domain: str | None
    key: Key


def _matrix(view: ScoreView, table: ScoreTable) -> ScoreMatrix:
    steps = view.measured.steps
    known = (_by_domain if table.by == "domain" else _by_group)(view, table)
    columns = [column for column in known if view.measured.has(column.domain, column.key)]
    places = [(column.domain, column.key) for column in columns]
    direction = view.scoring.direction_of(table.metric)
    rows = matrix_rows(
        view.measured.places_table(places),
        steps,
        [column.shown.step_learned for column in columns],
        undefined=[[view.measured.is_undefined(step, *place) for place in places] for step in steps],
        lower_is_better=direction == "min",
    )
    return ScoreMatrix(
        metric=table.metric,
        by=table.by,
        title=table.title,
        direction=direction,
        columns=[column.shown for column in columns],
        rows=list(rows),
    )


def _by_group(view: ScoreView, table: ScoreTable) -> list[_Column]:
    return [
        _Column(
            MatrixColumn(key=step_group(step), step_learned=step, class_ids=_taught(view, step)),
            view.domain,
            (table.metric, step_group(step), None),
        )
        for step in view.measured.steps
    ]


def _taught(view: ScoreView, step: int) -> list[int]:
    classes = view.learning.taught or view.learning.scored
    return [class_id for class_id in classes if view.learning.step_of(class_id) == step]


def _by_domain(view: ScoreView, table: ScoreTable) -> list[_Column]:
    return [
        _Column(MatrixColumn(key=name, step_learned=step, class_ids=[]), name, (table.metric, table.group, None))
        for name, step in view.learning.domains.items()
        if name in view.measured.domains
    ]


def matrix_rows(
    values: Table,
    steps: Sequence[int],
    learned: Learned,
    *,
    undefined: Sequence[Sequence[bool]],
    lower_is_better: bool = False,
) -> Iterator[MatrixRow]:
    """Yield each row of R with the retention and forgetting up to it."""
    kept = retention(values, steps, learned, lower_is_better=lower_is_better)
    change = change_since_learned(values, steps, learned)
    for row, step in enumerate(steps):
        yield MatrixRow(
            step=step,
            values=numbers(values[row]),
            is_undefined=list(undefined[row]),
            change=numbers(change[row]),
            average=number(kept.average[row]),
            forgetting=number(kept.forgetting[row]),
            backward_transfer=number(kept.backward_transfer[row]),
            plasticity=number(kept.plasticity[row]),
        )


def numbers(row: Iterable[float]) -> list[float | None]:
    """Return numbers for JSON: None for undefined values."""
    return [number(value) for value in row]


def number(value: float) -> float | None:
    """Return a number for JSON: None if it is undefined."""
    return None if math.isnan(value) else float(value)
