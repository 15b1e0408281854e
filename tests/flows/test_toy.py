"""A method and a kind of stream that only tests know, through the command line and through server and worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from palimpsest.client import models
from tests.support.installation import STAGE_S, Installation
from tests.support.toy.installation import ROOT, toy_installation, toy_on_path
from tests.support.toy.stages import ACCURACY, RECALL
from tests.support.toy.stream import FIRST, SECOND

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SEED = 3
CLASSES = 19


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Server, scheduler and worker where the toy is installed."""
    with toy_installation(tmp_path_factory.mktemp("toy")) as installation:
        yield installation


@pytest.fixture(scope="module")
def run(installation: Installation) -> models.Run:
    """A run of the toy that has ended."""
    return installation.client.wait(installation.client.submit(preset="toy/demo", seed=SEED).id, STAGE_S)


def test_run_on_the_command_line_tells_the_scores_of_the_method_in_each_domain(tmp_path: Path) -> None:
    folders = ("--out", str(tmp_path / "runs"), "--data-home", str(tmp_path / "data"))
    command = [sys.executable, "-m", "core", "run", "toy/demo", "--device", "cpu", *folders]
    with toy_on_path(tmp_path / "lab"):
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert ["domain", "tested", "on", ACCURACY] in lines
    assert [line[:2] for line in lines if line[1:2] in ([FIRST], [SECOND])] == [
        ["0", FIRST],
        ["1", FIRST],
        ["1", SECOND],
    ]
    assert ["Recall", "in", SECOND, "of", "learned", "at", "domain", "1"] in lines


def test_method_is_listed_with_its_preset_and_stream(installation: Installation) -> None:
    found = {method.name: method for method in installation.client.methods()}

    assert list(found)[-1] == "toy"
    schema = installation.client.request("GET", "/methods/toy/schema").json()
    assert set(schema["$defs"]["TwoDomains"]["properties"]) == {"kind", "second"}
    preset = installation.client.request("GET", "/methods/toy/presets/demo").json()
    assert [(stage["name"], stage["step"], stage["noun"]) for stage in preset["plan"]] == [
        ("train-first", 0, "domain"),
        ("train-second", 1, "domain"),
    ]


def preview(installation: Installation, layout: str) -> Any:
    """Return the preview of a stream whose second domain is written in a layout."""
    stream = {"kind": "two_domains", "second": {"world": "streets", "layout": layout, "train_images": 7}}
    body = {"dataset": {"world": "streets", "train_images": 5}, "stream": stream}
    return installation.client.request("POST", "/stream-preview", json=body).json()


def test_stream_is_previewed_with_its_domains(installation: Installation) -> None:
    steps = preview(installation, "gta5")["steps"]

    assert [(step["title"], step["domain"], step["images"]) for step in steps] == [
        ("domain 0", FIRST, 5),
        ("domain 1", SECOND, 7),
    ]


def test_fault_of_the_stream_is_told_at_its_place(installation: Installation) -> None:
    [fault] = preview(installation, "synthia")["faults"]

    assert (fault["pointer"], fault["message"]) == (
        "/stream/second",
        "the second domain has other classes than the first",
    )


def test_run_succeeds_with_its_stages(installation: Installation, run: models.Run) -> None:
    assert (run.state, run.message) == ("succeeded", "all stages succeeded; attempts: train-first 1, train-second 1")
    assert installation.attempt_states(run.id) == [["succeeded"], ["succeeded"]]


def test_every_domain_so_far_is_tested_after_each(installation: Installation, run: models.Run) -> None:
    evaluations = installation.client.request("GET", f"/runs/{run.id}/scores").json()["items"]

    assert [(found["step"], found["domain"]) for found in evaluations] == [(0, FIRST), (1, FIRST), (1, SECOND)]
    for found in evaluations:
        metrics = [(score["metric"], score["class_id"]) for score in found["scores"]]
        assert metrics == [(ACCURACY, None), *((RECALL, class_id) for class_id in range(CLASSES))]


def test_table_of_steps_has_the_headline_of_the_method_and_its_domains(
    installation: Installation, run: models.Run
) -> None:
    table = installation.client.request("GET", f"/runs/{run.id}/step-table").json()
    scores = installation.client.request("GET", f"/runs/{run.id}/scores").json()["items"]

    first, *second = [found["scores"][0]["value"] for found in scores]
    assert (table["headline"]["metric"], table["class_metric"]) == (ACCURACY, RECALL)
    assert table["domains"] == [{"name": FIRST, "step_learned": 0}, {"name": SECOND, "step_learned": 1}]
    assert [row["score"] for row in table["steps"]] == pytest.approx([first, sum(second) / 2])
    [by_domain] = [matrix for matrix in table["matrices"] if matrix["by"] == "domain"]
    assert [row["values"] for row in by_domain["rows"]] == [[first, None], second]


@pytest.mark.parametrize(("domain", "steps"), [(FIRST, [0, 0, 1, 1]), (SECOND, [1, 1])])
def test_predictions_of_each_domain_are_kept(
    installation: Installation, run: models.Run, domain: str, steps: list[int]
) -> None:
    answer = installation.client.request("GET", f"/runs/{run.id}/predictions", params={"domain": domain}).json()

    assert sorted(shown["step"] for item in answer["items"] for shown in item["steps"]) == steps


def test_run_lists_show_the_stream_and_the_last_score(installation: Installation, run: models.Run) -> None:
    [row] = installation.client.request("GET", "/runs").json()["items"]

    assert (row["method"], row["dataset"], row["stream"]) == ("toy", "streets city-a", "then streets city-c")
