"""Two methods with three seeds on one stream: every way out shows what the raw confusion matrices give (ACC-11)."""

from __future__ import annotations

import csv
import io
import json
import statistics
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from palimpsest.client.results import MatrixExperiment, Sheet
from palimpsest.service.cli import app
from tests.support.flow_run import shortened
from tests.support.installation import STAGE_S, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SEEDS = [3, 1, 2]
STEPS = 2
MEASURE = "miou_present/mean:all"


def launched(installation: Installation) -> list[MatrixExperiment]:
    """Start both methods with all seeds by one matrix, and wait until every run has succeeded."""
    document = shortened(STEPS)
    document["config"] = document["config"] | {"optim": document["config"]["optim"] | {"iterations": 3}}
    plain = document | {"method": "finetune", "config": {k: v for k, v in document["config"].items() if k != "memory"}}
    methods = [{"document": document, "name": "replay"}, {"document": plain, "name": "plain"}]
    started = installation.client.results.submit_matrix({"methods": methods, "seeds": SEEDS})
    for experiment in started.experiments:
        for run in experiment.runs:
            ended = installation.client.wait(run.id, 3 * STAGE_S)
            assert ended.state == "succeeded", ended.message
    return started.experiments


def miou_of(installation: Installation, run_id: str) -> float:
    """Return the mean IoU over the present classes after the last step, from the stored confusion matrix alone."""
    evaluations = list(installation.client.pages(f"/runs/{run_id}/scores", {}))
    (last,) = [one for one in evaluations if one["step"] == STEPS - 1]
    answer = installation.client.request("GET", f"/evaluations/{last['id']}/records/confusion").json()
    matrix = np.asarray(answer["matrix"], np.float64)
    shown = matrix.sum(1) > 0
    iou = np.diag(matrix) / np.maximum(matrix.sum(0) + matrix.sum(1) - np.diag(matrix), 1)
    return float(iou[shown].mean())


def cell_of(sheet: dict[str, Any] | Sheet, row: int) -> dict[str, Any]:
    """Return the compared measure of a row."""
    plain = sheet.model_dump() if isinstance(sheet, Sheet) else sheet
    keys = [column["key"] for column in plain["columns"]]
    cell: dict[str, Any] = plain["rows"][row]["cells"][keys.index(MEASURE)]
    return cell


def test_client_command_csv_and_latex_agree_with_the_confusion_matrices(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.start_server()
    installation.start("scheduler")
    installation.start("worker")
    experiments = launched(installation)
    digests = [experiment.digest for experiment in experiments]
    of_runs = [[miou_of(installation, run.id) for run in experiment.runs] for experiment in experiments]
    expected = [(statistics.mean(values), statistics.stdev(values)) for values in of_runs]

    results, base_url = installation.client.results, installation.client.base_url
    compared = results.compare(experiments=digests)
    alone = [results.experiment(digest) for digest in digests]
    as_csv = results.comparison_text("csv", experiments=digests, columns=MEASURE)
    as_latex = results.comparison_text("latex", experiments=digests, columns=MEASURE)
    monkeypatch.setenv("PALIMPSEST_HOME", str(installation.settings.home))
    members = [part for digest in digests for part in ("--experiment", digest)]
    command = CliRunner().invoke(app, ["run", "compare", *members, "--format", "json", "--url", base_url])

    table = list(csv.reader(io.StringIO(as_csv)))[1:]
    for row, (mean, deviation) in enumerate(expected):
        for cell in (cell_of(compared, row), cell_of(alone[row], 0), cell_of(json.loads(command.stdout), row)):
            assert (cell["mean"], cell["std"]) == pytest.approx((mean, deviation), abs=1e-9)
            assert (cell["n"], cell["of"]) == (len(SEEDS), len(SEEDS))
        numbers = [float(text) for text in table[row] if _is_number(text)]
        assert any(number == pytest.approx(mean, abs=1e-9) for number in numbers)
        assert any(number == pytest.approx(deviation, abs=1e-9) for number in numbers)
        assert f"{100 * mean:.1f}" in as_latex
        assert f"{100 * deviation:.1f}" in as_latex


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
