"""Rounds of labels from one REST call, with real processes: train, select, label, train."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from palimpsest.client import models
from tests.support.flow_run import learned
from tests.support.installation import STAGE_S, Installation, stage_process
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SEED = 5
ITERATIONS = 6
STREETS = {"world": "streets", "height_px": 48, "width_px": 96, "train_images": 12}
DOCUMENT: dict[str, Any] = {
    "method": "stal",
    "dataset": STREETS | {"domain": "city-a", "eval_images": 4},
    "stream": {
        "kind": "active_rounds",
        "source": STREETS | {"domain": "synthetic", "layout": "gta5", "eval_images": 1},
        "initial_images": 2,
        "budgets": [2],
    },
    "config": {
        "model": {"name": "tiny"},
        "data": {"crop_px": 48},
        "optim": {"batch_size": 2, "iterations": ITERATIONS},
        "contrast": {"start_epoch": 0},
        "execution": {"threads": 1, "log_every": 2},
    },
}
STAGES = ["train-0", "select-0", "label-0", "train-1"]


def read_json(installation: Installation, file: models.Artifact, folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(installation.client.download(file, folder / "file.json").read_text())
    return content


def test_a_run_trains_asks_labels_and_trains_again_whatever_dies_in_between(
    installation: Installation, tmp_path: Path
) -> None:
    installation.start_server()
    installation.start("scheduler")
    worker = installation.start("worker")
    run = installation.client.submit(DOCUMENT, seed=SEED)

    # The process that values the pool is killed at its beginning: another one takes its place.
    wait_until(lambda: installation.attempt_states(run.id)[1:2] != [[]], STAGE_S, "the first attempt at select-0")
    os.kill(stage_process(worker), signal.SIGKILL)
    ended = installation.client.wait(run.id, STAGE_S)

    assert ended.state == "succeeded", ended.message
    assert [stage.name for stage in ended.stages] == STAGES
    assert installation.attempt_states(run.id) == [["succeeded"], ["lost", "succeeded"], ["succeeded"], ["succeeded"]]
    _check_scores(installation, ended)
    _check_artifacts(installation, ended, tmp_path)


def _check_scores(installation: Installation, run: models.Run) -> None:
    scores = learned(installation.database, run.id).scores
    tested = {(index, split, step) for index, split, step, metric, _, _ in scores if metric == "miou"}
    assert tested == {(index, split, step) for index, step in ((0, 0), (3, 1)) for split in ("val", "val-student")}
    # The teacher is what a run delivers.
    assert run.score == scores[3, "val", 1, "miou_present", None, "all"]

    table = installation.client.step_table(run.id)
    assert (table.split, [column.id for column in table.classes]) == ("val", list(range(19)))
    assert [row.miou_all for row in table.steps] == pytest.approx(
        [scores[index, "val", step, "miou", None, "all"] for index, step in ((0, 0), (3, 1))], abs=1e-6
    )
    assert [row.miou_old for row in table.steps] == [None, None]


def _check_artifacts(installation: Installation, run: models.Run, folder: Path) -> None:
    stage_of = {stage.id: stage.name for stage in run.stages}
    files = {(stage_of[file.stage_id], file.name): file for file in installation.client.artifacts(run.id)}

    batch = read_json(installation, files["select-0", "queries/queries.json"], folder)
    manifest = read_json(installation, files["label-0", "labels/manifest.json"], folder)
    asked = [query["image"] for query in batch["queries"]]

    # Twelve images, of which two were labelled at the start: ten could be asked about, and two were.
    assert (batch["pool_size"], len(asked), len(set(asked))) == (10, 2, 2)
    assert sorted(item["image"] for item in manifest["images"]) == sorted(asked)
    assert {answer["author"] for answer in manifest["answers"]} == {"oracle"}
    assert {("train-0", "model/teacher.safetensors"), ("train-1", "model/student.safetensors")} <= set(files)
