from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from server.db.models import Experiment, Run
from server.db.session import Database
from tests.support.results import add_points, add_summary
from tests.support.seeds import iou, make_definition, make_seed, matrices
from tests.support.serving import problem

HOSTILE = '=1+1,"quoted" & 100%'


def _rows(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text)))


def _pair(database: Database, name: str = "replay") -> tuple[Experiment, Experiment]:
    pair = make_definition(database, name), make_definition(database, "plain", method="finetune", config={"lr": 1})
    for place, experiment in enumerate(pair):
        for seed in (0, 1):
            make_seed(database, experiment, seed, matrices(seed + 10 * place))
    return pair


def _compared(http: httpx.Client, pair: tuple[Experiment, Experiment], **params: Any) -> httpx.Response:
    return http.get("/compare", params={"experiments": [one.digest for one in pair], **params})


def test_the_summary_of_a_comparison_leaves_as_csv(http: httpx.Client, database: Database) -> None:
    pair = _pair(database)

    head, first, second = _rows(_compared(http, pair, format="csv", baseline=pair[0].digest))

    values = [dict(zip(head, line, strict=True)) for line in (first, second)]
    answer = _compared(http, pair, baseline=pair[0].digest).json()
    place = [measure["key"] for measure in answer["measures"]].index("score:score")
    assert [line["name"] for line in values] == ["replay", "plain"]
    for line, cells in zip(values, answer["summary"], strict=True):
        assert (float(line["mIoU"]), float(line["mIoU std"]), line["mIoU n"]) == (
            cells[place]["mean"],
            cells[place]["std"],
            "2",
        )
    assert float(values[1]["mIoU paired difference"]) == answer["differences"][1][place]["mean"]
    assert len(set(head)) == len(head)


def test_a_table_of_steps_leaves_with_a_line_for_each_member_and_step(http: httpx.Client, database: Database) -> None:
    pair = _pair(database)

    rows = _rows(_compared(http, pair, format="csv", table="iou/class", columns="class-4"))

    assert [row[:2] for row in rows] == [
        ["name", "step"],
        ["replay", "0"],
        ["replay", "1"],
        ["plain", "0"],
        ["plain", "1"],
    ]
    expected = sum(float(iou(matrices(seed)[1])[1]) for seed in (0, 1)) / 2
    assert float(rows[2][2]) == pytest.approx(expected, abs=1e-6)


def test_latex_of_a_comparison_has_the_main_columns(http: httpx.Client, database: Database) -> None:
    pair = _pair(database, HOSTILE)

    answer = _compared(http, pair, format="latex")

    assert answer.headers["Content-Type"] == "text/x-tex; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="comparison-summary.tex"')
    lines = answer.text.splitlines()
    assert lines[4].startswith(r"Name & mIoU $\uparrow$ & mIoU old $\uparrow$ & mIoU new")
    assert lines[6].startswith(r"=1+1,\textquotedbl{}quoted\textquotedbl{} \& 100\% & ")
    assert sum(r"\textbf{" in line for line in lines) >= 1
    assert r"$\pm$" in lines[6]


def test_latex_of_a_table_of_steps_shows_the_last_step(http: httpx.Client, database: Database) -> None:
    answer = _compared(http, _pair(database), format="latex", table="iou/class")

    lines = answer.text.splitlines()
    assert "after step 1" in lines[0]
    assert [line.split(" & ")[0] for line in lines[6:8]] == ["replay", "plain"]


def test_a_name_that_is_a_formula_is_text_in_csv(http: httpx.Client, database: Database) -> None:
    rows = _rows(_compared(http, _pair(database, HOSTILE), format="csv"))

    assert rows[1][0] == f"'{HOSTILE}"


def test_one_table_leaves_as_json(http: httpx.Client, database: Database) -> None:
    sheet = _compared(http, _pair(database), table="miou_present/group").json()

    assert sheet["heads"] == ["name", "step"]
    assert [column["key"] for column in sheet["columns"]][:2] == ["step-0", "step-1"]
    assert len(sheet["rows"]) == 4


def test_settings_and_facts_leave_as_csv(http: httpx.Client, database: Database) -> None:
    pair = _pair(database)

    settings = _rows(_compared(http, pair, format="csv", table="settings"))
    facts = _rows(_compared(http, pair, format="csv", table="facts"))

    assert settings[0] == ["setting", "change", "replay", "plain"]
    assert ["/method", "changed", "eir", "finetune"] in settings
    assert ["/config/lr", "added", "", "1"] in settings
    assert ["definition", "seeds", "0, 1", "0, 1"] in facts


def test_an_experiment_leaves_as_a_row_or_by_step(http: httpx.Client, database: Database) -> None:
    experiment, _ = _pair(database)
    address = f"/experiments/{experiment.digest}/results"

    summary = _rows(http.get(address, params={"format": "csv"}))
    steps = _rows(http.get(address, params={"format": "csv", "table": "iou/class"}))
    latex = http.get(address, params={"format": "latex", "table": "iou/class", "step": 1}).text

    assert summary[1][0] == "replay"
    assert [row[0] for row in steps] == ["step", "0", "1"]
    assert steps[0][1] == "background"
    assert latex.splitlines()[6].startswith("1 & ")
    assert r"\textbf" not in latex


def test_the_score_tables_of_a_run_leave_too(http: httpx.Client, database: Database) -> None:
    run = make_seed(database, make_definition(database), 0)
    address = f"/runs/{run.id}/step-table"

    rows = _rows(http.get(address, params={"format": "csv"}))
    matrix = _rows(http.get(address, params={"format": "csv", "table": "miou_present/group"}))

    assert rows[0][:4] == ["step", "background", "class 4", "class 2"]
    assert [float(value) for value in rows[2][1:4]] == pytest.approx(list(iou(matrices(0)[1])), abs=1e-6)
    assert (rows[1][3], matrix[0]) == ("", ["step", "step-0", "step-1", "A", "F", "B", "P"])
    assert http.get(address).json()["classes"][0]["name"] == "background"


def test_unfinished_members_are_marked_in_every_format(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    runs = [make_seed(database, experiment, 0), make_seed(database, experiment, 1, matrices(1)[:1])]
    params: dict[str, Any] = {"runs": [run.id for run in runs]}

    rows = _rows(http.get("/compare", params={**params, "format": "csv"}))
    latex = http.get("/compare", params={**params, "format": "latex"}).text

    assert [row[0] for row in rows[1:]] == ["test, seed 0", "test, seed 1 (step 0, not finished)"]
    assert r"\textbf" not in latex


def _draw(database: Database, run: Run, values: list[float | str]) -> None:
    add_points(database, run.id, values)
    add_summary(database, run.id, "loss", 0.0, 0.0)


def test_curves_leave_as_csv_with_labels_that_can_be_told_apart(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database, HOSTILE)
    runs = [make_seed(database, experiment, 0, [], state="running") for _ in range(2)]
    for run, values in zip(runs, ([1.0, "NaN"], [2.5]), strict=True):
        _draw(database, run, values)

    answer = http.get("/compare/series/loss", params={"runs": [run.id for run in runs], "format": "csv"})

    labels = [f"'{HOSTILE}, seed 0 ({run.id[-8:]})" for run in runs]
    assert _rows(answer) == [
        ["curve", "runs", "stage_index", "iteration", "mean", "std", "n", "not_finite"],
        [labels[0], "1", "0", "0", "1.0", "", "1", "0"],
        [labels[0], "1", "0", "1", "", "", "0", "1"],
        [labels[1], "1", "0", "0", "2.5", "", "1", "0"],
    ]


def test_curves_of_each_seed_leave_with_their_runs(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    runs = [make_seed(database, experiment, seed, [], state="running") for seed in (0, 1)]
    for run, values in zip(runs, ([1.0], [2.0]), strict=True):
        _draw(database, run, [*values])

    rows = _rows(http.get(f"/experiments/{experiment.id}/series/loss", params={"format": "csv", "values": True}))

    assert rows[1:] == [["test", run.id, str(seed), "0", "0", f"{seed + 1.0}"] for seed, run in enumerate(runs)]


@pytest.mark.parametrize(
    ("params", "pointer", "words"),
    [
        ({"table": "iou/clas"}, "/table", "did you mean 'iou/class'?"),
        ({"columns": "score:scor"}, "/columns", "did you mean 'score:score'?"),
        ({"table": "iou/class", "step": 7}, "/step", "step 7 was not tested; the table has 0, 1"),
        ({"format": "xml"}, "/format", "'json'"),
    ],
)
def test_an_unknown_table_column_step_or_format_is_refused(
    http: httpx.Client, database: Database, params: dict[str, Any], pointer: str, words: str
) -> None:
    answer = _compared(http, _pair(database), **{"format": "csv", **params})

    (entry,) = problem(answer, 422, "validation-failed")["errors"]
    assert entry["pointer"] == pointer
    assert words in entry["message"]


def test_a_run_that_was_not_tested_has_no_table_to_export(http: httpx.Client, database: Database) -> None:
    run = make_seed(database, make_definition(database), 0, [], state="queued")

    answer = http.get(f"/runs/{run.id}/step-table", params={"format": "csv"})

    assert "nothing was tested yet" in problem(answer, 422, "validation-failed")["detail"]
