"""Terminal tables of results."""

from __future__ import annotations

import pytest
from rich.console import Console

from palimpsest.client.result_tables import result_table
from palimpsest.client.results import Difference, Sheet, SheetColumn, SheetRow, Statistic


def _sheet(cell: Statistic | None, unit: str, difference: Difference | None = None, columns: int = 1) -> Sheet:
    column = SheetColumn(key="a", title="score", unit=unit, direction="max")
    row = SheetRow(heads=["run"], is_ranked=True, cells=[cell] * columns, differences=[difference] * columns)
    return Sheet(title="results", heads=["of"], columns=[column] * columns, rows=[row])


def _text(sheet: Sheet) -> str:
    console = Console(width=120, record=True)
    console.print(result_table(sheet))
    return console.export_text()


@pytest.mark.parametrize(
    ("cell", "unit", "text"),
    [
        (Statistic(mean=0.456, std=0.0123, n=3, undefined=0, of=3), "fraction", "45.6 ± 1.2 (3)"),
        (Statistic(mean=120.2, std=3.4, n=2, undefined=0, of=2), "s", "120 ± 3.4 (2)"),
        (Statistic(mean=3 * 2**20, std=None, n=1, undefined=0, of=1), "bytes", "3.0"),
        (Statistic(mean=0.5, std=None, n=1, undefined=2, of=3), "fraction", "50.0 (1), undefined in 2"),
        (Statistic(mean=None, std=None, n=0, undefined=3, of=3), "fraction", "undefined"),
        (Statistic(mean=None, std=None, n=0, undefined=0, of=3), "fraction", "–"),
        (None, "fraction", "–"),
    ],
)
@pytest.mark.parametrize("columns", [1, 2])
def test_a_value_stands_with_its_deviation_and_number(
    cell: Statistic | None, unit: str, text: str, columns: int
) -> None:
    shown = _text(_sheet(cell, unit, columns=columns)).splitlines()

    assert sum(line.rstrip().endswith(text) for line in shown) == columns


def test_a_difference_to_the_base_line_has_its_sign() -> None:
    cell = Statistic(mean=0.4, std=None, n=1, undefined=0, of=1)

    assert "40.0 [−5.0]" in _text(_sheet(cell, "fraction", Difference(of_means=-0.05, mean=-0.05, std=None, n=1)))
    assert "40.0 [+5.0]" in _text(_sheet(cell, "fraction", Difference(of_means=0.05, mean=0.05, std=None, n=1)))
