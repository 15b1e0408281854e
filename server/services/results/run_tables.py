"""All scores of one run as tables of step × column, in the order of the method's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.methods.scoring import Direction, ScoreTable, Scoring
from core.metrics.over_seeds import Value
from server.db.run_scores import headline_by_step, main_split
from server.schemas.classes import DatasetClasses
from server.schemas.results import ScoreColumn, TableKind
from server.services.experiments.classes import classes_of_run
from server.services.scores.learning import learning_of
from server.services.scores.mean_scores import mean_scores
from server.services.scores.measured import measured
from server.services.scores.score_matrices import ScoreView, score_matrices
from server.services.scores.step_table import forgetting_of_classes, metrics_of

HEADLINE = "score"
"""Key of the table and of the column of the headline."""

Cells = Mapping[tuple[int, str], Value]
"""(step, column key) -> value; None is undefined, and what was not tested is missing."""

_DERIVED: Mapping[str, tuple[str, Direction | None]] = {
    "average": ("A", None),
    "forgetting": ("F", "min"),
    "backward_transfer": ("B", "max"),
    "plasticity": ("P", None),
}
"""Field of a matrix's row -> title of its column, and its direction where that is not the metric's."""


@dataclass(frozen=True)
class RunTable:
    """One table of a run; see `server.schemas.results.ScoreTable`."""

    key: str
    title: str
    metric: str
    kind: TableKind
    domain: str | None
    direction: Direction
    columns: Sequence[ScoreColumn]
    cells: Cells


RunTables = Mapping[str, RunTable]
"""Key -> table, in the order of display."""


def run_tables(session: Session, run_id: str, scoring: Scoring, split: str | None = None) -> RunTables:
    """Return the tables of an existing run on a split, by default on its main split; none if nothing was tested."""
    chosen = split if split is not None else main_split(session, run_id)
    found = measured(session, run_id, chosen, metrics_of(scoring))
    if not found.steps:
        return {}
    learning, classes = learning_of(session, run_id), classes_of_run(session, run_id)
    overall = headline_by_step(session, run_id, scoring.headline, chosen)
    tables = [_headline(scoring, overall)]
    for domain in sorted(found.domains, key=lambda name: name is not None):
        view = ScoreView(found, learning, scoring, domain)
        tables += [*_class_tables(view, classes), *_means(view), *_matrices(view, "group")]
    tables += _matrices(ScoreView(found, learning, scoring, None), "domain")
    return {table.key: table for table in tables}


def _headline(scoring: Scoring, overall: Mapping[int, Value]) -> RunTable:
    headline = scoring.headline
    column = ScoreColumn(key=HEADLINE, title=headline.title, kind="score", direction=headline.direction)
    cells = {(step, HEADLINE): value for step, value in overall.items()}
    return RunTable(HEADLINE, headline.meaning, headline.metric, "score", None, headline.direction, [column], cells)


def _class_tables(view: ScoreView, classes: DatasetClasses) -> Iterator[RunTable]:
    forgetting = forgetting_of_classes(view)
    for table in view.scoring.tables:
        ids = sorted(view.measured.classes(view.domain, table.metric), key=view.learning.order_of)
        if table.by != "class" or not ids:
            continue
        direction = view.scoring.direction_of(table.metric)
        columns: list[ScoreColumn] = []
        cells: dict[tuple[int, str], Value] = {}
        for class_id in ids:
            label = classes.label(class_id)
            key = f"class-{class_id}"
            taught = view.learning.step_of(class_id)
            columns.append(
                ScoreColumn(
                    key=key,
                    title=label.name,
                    kind="class",
                    direction=direction,
                    class_id=class_id,
                    colour=label.colour,
                    step_learned=taught,
                )
            )
            cells |= {
                (step, key): value for step, value in view.measured.column(view.domain, (table.metric, None, class_id))
            }
        if table is view.scoring.class_table and any(value is not None for value in forgetting.values()):
            columns.append(ScoreColumn(key="forgetting", title="Forgetting", kind="derived", direction="min"))
            cells |= {(step, "forgetting"): value for step, value in forgetting.items() if value is not None}
        yield _table(view, table, "class", columns, cells)


def _means(view: ScoreView) -> Iterator[RunTable]:
    means = mean_scores(view)
    for table in view.scoring.tables:
        columns: list[ScoreColumn] = []
        cells: dict[tuple[int, str], Value] = {}
        for mean in (mean for mean in means if mean.metric == table.metric and table.by == "group"):
            columns.append(ScoreColumn(key=mean.group, title=mean.group, kind="mean", direction=mean.direction))
            for step, value, is_undefined in zip(view.measured.steps, mean.values, mean.is_undefined, strict=True):
                if value is not None or is_undefined:
                    cells[step, mean.group] = value
        if columns:
            yield _table(view, table, "mean", columns, cells)


def _matrices(view: ScoreView, by: TableKind) -> Iterator[RunTable]:
    tables = {(table.metric, table.by): table for table in view.scoring.tables}
    for matrix in score_matrices(view):
        if matrix.by != by:
            continue
        columns = [
            ScoreColumn(
                key=f"domain-{column.key}" if by == "domain" else column.key,
                title=column.key,
                kind=matrix.by,
                direction=matrix.direction,
                step_learned=column.step_learned,
            )
            for column in matrix.columns
        ]
        cells: dict[tuple[int, str], Value] = {}
        for row in matrix.rows:
            for column, value, is_undefined in zip(columns, row.values, row.is_undefined, strict=True):
                if value is not None or is_undefined:
                    cells[row.step, column.key] = value
            derived = {name: getattr(row, name) for name in _DERIVED}
            cells |= {(row.step, name): value for name, value in derived.items() if value is not None}
        columns += [
            ScoreColumn(key=name, title=title, kind="derived", direction=direction or matrix.direction)
            for name, (title, direction) in _DERIVED.items()
            if any(key == name for _, key in cells)
        ]
        yield _table(view, tables[matrix.metric, matrix.by], by, columns, cells)


def _table(
    view: ScoreView, table: ScoreTable, kind: TableKind, columns: Sequence[ScoreColumn], cells: Cells
) -> RunTable:
    place = "" if view.domain is None else f"@{view.domain}"
    return RunTable(
        key=f"{table.metric}/{kind}{place}",
        title=table.title if view.domain is None else f"{table.title}, {view.domain}",
        metric=table.metric,
        kind=kind,
        domain=view.domain,
        direction=view.scoring.direction_of(table.metric),
        columns=columns,
        cells=cells,
    )
