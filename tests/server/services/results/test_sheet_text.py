from __future__ import annotations

import csv
import io

import pytest

from server.schemas.results import Difference, Statistic
from server.schemas.sheets import Sheet, SheetColumn, SheetRow
from server.services.results.sheet_text import csv_text, escaped, sheet_csv, sheet_latex

HOSTILE = '=1+1, "quoted"\nnext & 100% $x_1$ {a}\\b~^#'
MIOU = SheetColumn(key="score", title="mIoU", unit="fraction", direction="max")
LOST = SheetColumn(key="f", title="F", unit="fraction", direction="min")


def _cell(mean: float | None, std: float | None = None, n: int = 1, of: int | None = None) -> Statistic:
    return Statistic(mean=mean, std=std, n=n, undefined=0, of=n if of is None else of)


def _sheet(*rows: SheetRow, columns: tuple[SheetColumn, ...] = (MIOU,)) -> Sheet:
    return Sheet(title="objects", heads=["name"], columns=list(columns), rows=list(rows))


def _row(name: str, *cells: Statistic | None, is_ranked: bool = True) -> SheetRow:
    return SheetRow(heads=[name], is_ranked=is_ranked, cells=list(cells), differences=None)


def _read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", " =1"])
def test_a_text_that_a_spreadsheet_would_calculate_is_only_text(text: str) -> None:
    assert _read(csv_text([[text, -1.5]])) == [[f"'{text}", "-1.5"]]


def test_every_line_break_in_a_text_is_one_newline() -> None:
    assert _read(csv_text([["a\rb\r\nc", "\r=1"]])) == [["a\nb\nc", "'\n=1"]]


def test_commas_quotes_and_line_breaks_survive_csv() -> None:
    row = ["a,b", 'say "x"', "two\nlines", "مرحبا 🦉"]

    assert _read(csv_text([row])) == [row]


def test_csv_keeps_every_digit() -> None:
    value = 0.1 + 0.2

    assert _read(sheet_csv(_sheet(_row("a", _cell(value))))) == [["name", "mIoU"], ["a", repr(value)]]


def test_csv_of_several_seeds_has_deviation_and_counts() -> None:
    sheet = _sheet(_row("a", _cell(0.5, 0.1, 2, 3)), _row("b", None), _row("c", _cell(None, None, 0, 3)))

    assert _read(sheet_csv(sheet)) == [
        ["name", "mIoU", "mIoU std", "mIoU n", "mIoU of"],
        ["a", "0.5", "0.1", "2", "3"],
        ["b", "", "", "", ""],
        ["c", "undefined", "", "0", "3"],
    ]


def test_csv_with_a_base_line_has_the_differences() -> None:
    less = Difference(of_means=0.2, mean=0.1, std=None, n=1)
    rows = [
        SheetRow(heads=["a"], is_ranked=True, cells=[_cell(0.5)], differences=[None]),
        SheetRow(heads=["b"], is_ranked=True, cells=[_cell(0.7)], differences=[less]),
    ]

    found = _read(sheet_csv(_sheet(*rows)))

    parts = ("difference", "paired difference", "paired std", "shared seeds")
    assert found[0][2:] == [f"mIoU {part}" for part in parts]
    assert (found[1][2:], found[2][2:]) == (["", "", "", ""], ["0.2", "0.1", "", "1"])


def test_latex_is_a_booktabs_tabular_in_percent_with_the_best_in_bold() -> None:
    rows = (_row("EIR", _cell(0.7123, 0.012, 3), _cell(0.05)), _row("plain", _cell(0.3), _cell(0.4)))

    text = sheet_latex(_sheet(*rows, columns=(MIOU, LOST)))

    assert text.splitlines()[2:] == [
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r"Name & mIoU $\uparrow$ & F $\downarrow$ \\",
        r"\midrule",
        r"EIR & \textbf{71.2} $\pm$ 1.2 & \textbf{5.0} \\",
        r"plain & 30.0 & 40.0 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_an_unfinished_row_is_never_the_best() -> None:
    rows = (_row("a", _cell(0.9), is_ranked=False), _row("b", _cell(0.5)), _row("c", _cell(0.6)))

    lines = sheet_latex(_sheet(*rows)).splitlines()

    assert [r"\textbf" in line for line in lines if line[:1] in "abc"] == [False, False, True]


def test_values_that_are_shown_alike_are_all_the_best() -> None:
    text = sheet_latex(_sheet(_row("a", _cell(0.50001)), _row("b", _cell(0.5))))

    assert text.count(r"\textbf{50.0}") == 2


def test_one_row_has_no_best() -> None:
    assert r"\textbf" not in sheet_latex(_sheet(_row("a", _cell(0.5))))


def test_a_value_of_some_seeds_says_of_how_many() -> None:
    text = sheet_latex(_sheet(_row("a", _cell(0.5, 0.1, 2, 3)), _row("b", _cell(None, None, 0, 3)), _row("c", None)))

    assert r"a & 50.0 $\pm$ 10.0 (2 of 3) \\" in text
    assert r"b & undefined \\" in text
    assert r"c & -- \\" in text


def test_latex_escapes_what_it_would_execute() -> None:
    assert escaped(HOSTILE) == (
        r"=1+1, \textquotedbl{}quoted\textquotedbl{} next \& 100\% \$x\_1\$ \{a\}\textbackslash{}b"
        r"\textasciitilde{}\textasciicircum{}\#"
    )


def test_a_hostile_title_stays_in_its_comment() -> None:
    text = sheet_latex(Sheet(title="a\n\\input{/etc/passwd}", heads=["name"], columns=[], rows=[]))

    assert text.splitlines()[0] == "% a \\input{/etc/passwd}"
    assert text.splitlines()[1].startswith("%")


def test_a_rounded_zero_has_no_sign() -> None:
    assert "a & 0.0 " in sheet_latex(_sheet(_row("a", _cell(-0.00001))))


def test_times_and_sizes_have_their_unit_in_the_head() -> None:
    columns = (
        SheetColumn(key="s", title="Compute time", unit="s", direction="min"),
        SheetColumn(key="b", title="Memory", unit="bytes", direction="min"),
    )

    text = sheet_latex(_sheet(_row("a", _cell(90.0), _cell(3 * 2**20)), columns=columns))

    assert r"Compute time (min) $\downarrow$ & Memory (MiB) $\downarrow$" in text
    assert r"a & 1.5 & 3.0 \\" in text
