"""Terminal tables of results over seeds and of comparisons."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from palimpsest.client.results import Difference, Sheet, SheetColumn, SheetRow, Statistic
from palimpsest.client.tables import UNDEFINED

_NOT_TESTED = "–"
_MEBIBYTE = 2**20
_LONG_S = 100.0


def result_table(sheet: Sheet) -> Table:
    """Return a table of results: scores in percent, times in seconds, sizes in MiB, each as mean ± deviation (runs).

    With more columns than rows, such as in a summary, every column is a line. Values of unfinished runs are dim. With a
    base line each cell names the difference to it.
    """
    table = Table(box=None, pad_edge=False, title=sheet.title, title_justify="left", title_style="bold")
    if len(sheet.columns) > len(sheet.rows):
        _fill_by_column(table, sheet)
    else:
        _fill_by_row(table, sheet)
    return table


def _fill_by_row(table: Table, sheet: Sheet) -> None:
    for head in sheet.heads:
        table.add_column(head, no_wrap=True)
    for column in sheet.columns:
        table.add_column(_title(column), justify="right", no_wrap=True)
    for row in sheet.rows:
        table.add_row(*map(Text, row.heads), *_cells(sheet, row), style=None if row.is_ranked else "dim")


def _fill_by_column(table: Table, sheet: Sheet) -> None:
    table.add_column(" ", no_wrap=True)
    for row in sheet.rows:
        table.add_column(Text(", ".join(row.heads)), justify="right", style=None if row.is_ranked else "dim")
    cells = [_cells(sheet, row) for row in sheet.rows]
    for column, values in zip(sheet.columns, zip(*cells, strict=True), strict=True):
        table.add_row(_title(column), *values)


def _cells(sheet: Sheet, row: SheetRow) -> list[Text]:
    differences = row.differences or [None] * len(row.cells)
    return list(map(_cell, sheet.columns, row.cells, differences))


def _title(column: SheetColumn) -> Text:
    unit = {"fraction": " %", "s": " s", "bytes": " MiB"}.get(column.unit, "")
    return Text(f"{column.title}{unit}")


def _cell(column: SheetColumn, cell: Statistic | None, difference: Difference | None) -> Text:
    if cell is None or (cell.n == 0 and cell.undefined == 0):
        return Text(_NOT_TESTED)
    if cell.mean is None:
        return Text(UNDEFINED)
    text = _number(column.unit, cell.mean)
    if cell.std is not None:
        text += f" ± {_number(column.unit, cell.std)}"
    if cell.of > 1:
        text += f" ({cell.n})"
    if cell.undefined:
        text += f", {UNDEFINED} in {cell.undefined}"
    if difference is not None and difference.of_means is not None:
        sign = "+" if difference.of_means >= 0 else "−"
        text += f" [{sign}{_number(column.unit, abs(difference.of_means))}]"
    return Text(text)


def _number(unit: str, value: float) -> str:
    if unit == "fraction":
        return f"{100 * value:.1f}"
    if unit == "s":
        return f"{value:.0f}" if value >= _LONG_S else f"{value:.1f}"
    if unit == "bytes":
        return f"{value / _MEBIBYTE:.1f}"
    return f"{value:g}"
