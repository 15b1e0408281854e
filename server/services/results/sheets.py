"""Choose one table of a comparison, an experiment or a run, as a sheet of rows and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from core.errors import nearest
from server.errors import InvalidRequestError
from server.schemas.comparison import ComparedTable, Comparison
from server.schemas.experiment_results import ExperimentResults
from server.schemas.references import ReferenceRow
from server.schemas.results import Measure, ScoreTable, ScoreTableHead
from server.schemas.sheets import ExportQuery, Sheet, SheetColumn, SheetRow
from server.services.results.measures import unit_of

SUMMARY = "summary"
SETTINGS, FACTS = "settings", "facts"

Table = TypeVar("Table")


def experiment_sheet(results: ExperimentResults, query: ExportQuery) -> Sheet:
    """Return one table of an experiment: its summary as one row, or the rows of the steps.

    Raises:
        InvalidRequestError: for an unknown table, column or step.
    """
    title = f"{results.name} on {results.dataset}, {results.stream}"
    if query.table in {None, SUMMARY}:
        columns, places = _measures(results.measures, query)
        cells = [results.summary[place] for place in places]
        name = marked(results.name, results.reached.step, results.reached.is_final)
        row = SheetRow(heads=[name], is_ranked=results.reached.is_final, cells=cells, differences=None)
        return Sheet(title=title, heads=["experiment"], columns=columns, rows=[row])
    table = _named({one.key: one for one in results.tables}, str(query.table), (SUMMARY,))
    return score_sheet(table, query, title)


def score_sheet(table: ScoreTable, query: ExportQuery, title: str) -> Sheet:
    """Return a table of step x column; rows of one table are steps, which are not ranked."""
    columns, places = _columns(table, query)
    rows = [
        SheetRow(
            heads=[str(step)], is_ranked=False, cells=[table.cells[row][place] for place in places], differences=None
        )
        for row, step in _steps(table, query.step)
    ]
    return Sheet(title=f"{table.title}: {title}", heads=["step"], columns=columns, rows=rows)


def run_sheet(tables: Sequence[ScoreTable], query: ExportQuery, title: str) -> Sheet:
    """Return one table of a run, by default that of its classes, or else its headline.

    Raises:
        InvalidRequestError: for an unknown table, column or step, and for a run that was not tested yet.
    """
    if not tables:
        raise InvalidRequestError.of_query("table", "the run has no table: nothing was tested yet")
    chosen = query.table or next((table.key for table in tables if table.kind == "class"), tables[0].key)
    return score_sheet(_named({one.key: one for one in tables}, chosen, ()), query, title)


def comparison_sheet(compared: Comparison, query: ExportQuery) -> Sheet:
    """Return one table of a comparison: a row a member, of a table of steps one for each member and step.

    References follow the members of a summary. They are bounds, and so never the best.
    """
    title = f"{compared.dataset}, {compared.stream}"
    if query.table in {None, SUMMARY}:
        columns, places = _measures(compared.measures, query)
        rows = [
            SheetRow(
                heads=[marked(member.label, member.reached.step, member.reached.is_final)],
                is_ranked=member.reached.is_final,
                cells=[compared.summary[index][place] for place in places],
                differences=None
                if compared.differences is None
                else [compared.differences[index][place] for place in places],
            )
            for index, member in enumerate(compared.members)
        ]
        rows += [_reference(one, places) for one in compared.references]
        return Sheet(title=title, heads=["name"], columns=columns, rows=rows)
    table = _named({one.key: one for one in compared.tables}, str(query.table), (SUMMARY, SETTINGS, FACTS))
    return _compared_sheet(compared, table, query, title)


def _compared_sheet(compared: Comparison, table: ComparedTable, query: ExportQuery, title: str) -> Sheet:
    columns, places = _columns(table, query)
    is_one_step = query.step is not None or query.format == "latex"
    step = query.step if query.step is not None or not is_one_step else table.steps[-1]
    rows = []
    for index, member in enumerate(compared.members):
        for row, number in _steps(table, step):
            less = None if table.differences is None else [table.differences[index][row][place] for place in places]
            rows.append(
                SheetRow(
                    heads=[member.label, *([] if is_one_step else [str(number)])],
                    is_ranked=member.reached.is_final,
                    cells=[table.cells[index][row][place] for place in places],
                    differences=less,
                )
            )
    heads = ["name"] if is_one_step else ["name", "step"]
    where = f", after step {step}" if is_one_step else ""
    return Sheet(title=f"{table.title}{where}: {title}", heads=heads, columns=columns, rows=rows)


def _reference(row: ReferenceRow, places: Sequence[int]) -> SheetRow:
    name = f"{row.name} ({row.role.value.replace('_', '-')})"
    return SheetRow(
        heads=[marked(name, row.reached.step, row.reached.is_final)],
        is_ranked=False,
        cells=[row.summary[place] for place in places],
        differences=None,
    )


def setting_cells(compared: Comparison) -> list[list[object]]:
    """Return the rows of the settings, a head first; what is not set is empty."""
    rows = [
        [
            row.pointer,
            row.change,
            *(value if is_set else "" for value, is_set in zip(row.values, row.is_set, strict=True)),
        ]
        for row in compared.settings
    ]
    return [["setting", "change", *(member.label for member in compared.members)], *rows]


def fact_cells(compared: Comparison) -> list[list[object]]:
    """Return the rows of the facts, a head first; what was not recorded is empty."""
    rows: list[list[object]] = [
        [row.section, row.name, *(value or "" for value in row.values)] for row in compared.facts
    ]
    return [["section", "fact", *(member.label for member in compared.members)], *rows]


def marked(name: str, step: int | None, is_final: bool) -> str:
    """Return a name; of what has not finished, with the step at which it stands."""
    if is_final:
        return name
    return f"{name} (not tested)" if step is None else f"{name} (step {step}, not finished)"


def _measures(measures: Sequence[Measure], query: ExportQuery) -> tuple[list[SheetColumn], list[int]]:
    keys = [measure.key for measure in measures]
    _require_known(query.columns, keys)
    is_short = query.format == "latex" and not query.columns
    places = [
        place
        for place, measure in enumerate(measures)
        if (measure.is_main or not is_short) and (not query.columns or measure.key in query.columns)
    ]
    columns = [
        SheetColumn(
            key=one.key, title=_distinct(measures, one, is_short=is_short), unit=one.unit, direction=one.direction
        )
        for one in (measures[place] for place in places)
    ]
    return columns, places


def _distinct(measures: Sequence[Measure], measure: Measure, *, is_short: bool) -> str:
    """Return a column's title; its key in place of a title that several measures have."""
    same = [one for one in measures if one.title == measure.title and (one.is_main or not is_short)]
    return measure.title if len(same) < 2 else measure.key


def _columns(table: ScoreTableHead, query: ExportQuery) -> tuple[list[SheetColumn], list[int]]:
    keys = [column.key for column in table.columns]
    _require_known(query.columns, keys)
    places = [place for place, key in enumerate(keys) if not query.columns or key in query.columns]
    titles = [table.columns[place].title for place in places]
    columns = [
        SheetColumn(
            key=column.key,
            title=column.title if titles.count(column.title) < 2 else f"{column.title} ({column.key})",
            unit=unit_of(table.metric),
            direction=column.direction,
        )
        for column in (table.columns[place] for place in places)
    ]
    return columns, places


def _steps(table: ScoreTableHead, step: int | None) -> list[tuple[int, int]]:
    """Return (row, step) of the rows that are asked for."""
    rows = [(row, number) for row, number in enumerate(table.steps) if step is None or number == step]
    if not rows:
        known = ", ".join(map(str, table.steps))
        raise InvalidRequestError.of_query("step", f"step {step} was not tested; the table has {known}")
    return rows


def _require_known(columns: Sequence[str], known: Sequence[str]) -> None:
    for key in columns:
        if key not in known:
            raise InvalidRequestError.of_query("columns", f"there is no column {key!r}{nearest(key, known)}")


def _named(tables: Mapping[str, Table], key: str, others: Sequence[str]) -> Table:
    if key not in tables:
        raise InvalidRequestError.of_query("table", f"there is no table {key!r}{nearest(key, [*others, *tables])}")
    return tables[key]
