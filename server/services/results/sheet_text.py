"""Tables of results as text: CSV with every digit, LaTeX for a paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from server.schemas.results import Difference, Statistic, Unit
from server.schemas.sheets import Sheet, SheetColumn, SheetRow

UNDEFINED = "undefined"
_FORMULA = ("=", "+", "-", "@")
"""Beginnings of a cell that spreadsheets would calculate, also behind blanks."""
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}
_SCALES: dict[Unit, tuple[float, str, int]] = {
    "fraction": (100, "", 1),
    "number": (1, "", 1),
    "s": (1 / 60, "min", 1),
    "bytes": (1 / 2**20, "MiB", 1),
    "images": (1, "", 0),
    "pixels": (1, "", 0),
    "clicks": (1, "", 0),
}
"""Unit -> factor, name and decimals in LaTeX. Fractions are percent, as in the publications."""


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV; a text that a spreadsheet would calculate gets an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return text.getvalue()


def sheet_csv(sheet: Sheet) -> str:
    """Return a sheet as CSV: for each column the mean, and where there are several runs, deviation and counts.

    What nothing was tested is empty; what is in no run defined says so.
    """
    has_seeds = any(cell is not None and cell.of > 1 for row in sheet.rows for cell in row.cells)
    has_differences = any(row.differences is not None for row in sheet.rows)
    head = [*sheet.heads]
    for column in sheet.columns:
        head.append(column.title)
        head += [f"{column.title} {part}" for part in ("std", "n", "of")] if has_seeds else []
        head += [f"{column.title} {part}" for part in _LESS] if has_differences else []
    return csv_text(
        [head, *(_csv_row(row, has_seeds=has_seeds, has_differences=has_differences) for row in sheet.rows)]
    )


_LESS = ("difference", "paired difference", "paired std", "shared seeds")


def _csv_row(row: SheetRow, *, has_seeds: bool, has_differences: bool) -> list[object]:
    line: list[object] = [*row.heads]
    for place, cell in enumerate(row.cells):
        line.append("" if cell is None else UNDEFINED if cell.mean is None else cell.mean)
        if has_seeds:
            line += ["", "", ""] if cell is None else [_or_empty(cell.std), cell.n, cell.of]
        if has_differences:
            line += _less(None if row.differences is None else row.differences[place])
    return line


def _less(less: Difference | None) -> list[object]:
    if less is None:
        return [""] * len(_LESS)
    return [_or_empty(less.of_means), _or_empty(less.mean), _or_empty(less.std), less.n]


def _or_empty(value: float | None) -> object:
    return "" if value is None else value


def safe_cell(value: object) -> object:
    """Return a value with an apostrophe before it if a spreadsheet would calculate it."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # a lone \r would end the line for some readers
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def sheet_latex(sheet: Sheet) -> str:
    r"""Return a sheet as a tabular for booktabs: `mean ± std`, the best value of each column in bold.

    Only ranked rows can be the best, and only where there are several. A value that some runs did not measure says in
    how many it is defined.
    """
    columns = "l" * len(sheet.heads) + "r" * len(sheet.columns)
    titles = [*map(escaped, map(_capital, sheet.heads)), *map(_title, sheet.columns)]
    lines = [
        f"% {' '.join(sheet.title.split())}",
        r"% \usepackage{booktabs}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(titles) + r" \\",
        r"\midrule",
        *(" & ".join(line) + r" \\" for line in _latex_rows(sheet)),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return plain text for LaTeX, on one line."""
    return "".join(_ESCAPES.get(character, character) for character in " ".join(text.split()))


def _latex_rows(sheet: Sheet) -> Iterator[list[str]]:
    best = [_best(sheet.rows, place, column) for place, column in enumerate(sheet.columns)]
    for row in sheet.rows:
        cells = [
            _latex_cell(cell, column, is_best=row.is_ranked and _text(cell, column) == wanted)
            for cell, column, wanted in zip(row.cells, sheet.columns, best, strict=True)
        ]
        yield [*map(escaped, row.heads), *cells]


def _best(rows: Sequence[SheetRow], place: int, column: SheetColumn) -> str | None:
    """Return the best value of a column as it is shown; None if fewer than two ranked rows have one."""
    cells = [row.cells[place] for row in rows if row.is_ranked]
    means = [(cell.mean, cell) for cell in cells if cell is not None and cell.mean is not None]
    if len(means) < 2:
        return None
    choose = min if column.direction == "min" else max
    return _text(choose(means, key=lambda pair: pair[0])[1], column)


def _latex_cell(cell: Statistic | None, column: SheetColumn, *, is_best: bool) -> str:
    shown = _text(cell, column)
    if cell is None or shown is None:
        return "--" if cell is None else "undefined"
    text = rf"\textbf{{{shown}}}" if is_best else shown
    text += "" if cell.std is None else rf" $\pm$ {_scaled(cell.std, column)}"
    return text if cell.n == cell.of else f"{text} ({cell.n} of {cell.of})"


def _text(cell: Statistic | None, column: SheetColumn) -> str | None:
    return None if cell is None or cell.mean is None else _scaled(cell.mean, column)


def _scaled(value: float, column: SheetColumn) -> str:
    factor, _, decimals = _SCALES[column.unit]
    # Adding zero removes the sign of a rounded -0.
    return f"{round(value * factor, decimals) + 0.0:.{decimals}f}"


def _title(column: SheetColumn) -> str:
    unit = _SCALES[column.unit][1]
    arrow = r"$\downarrow$" if column.direction == "min" else r"$\uparrow$"
    return f"{escaped(column.title)}{f' ({unit})' if unit else ''} {arrow}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
