from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.experiment import load_preset
from core.methods.semseg.baseline_stages import WEIGHTS_FILE
from core.methods.semseg.predictions import read_predictions
from core.runner.local import LocalRun
from core.runner.report import score
from core.stage.events import Metric, Scores
from core.stage.folder import ARTIFACT_DIR
from core.stage.interrupt import StopFlag
from tests.support.local_runs import (
    attempt_of,
    begin_stage,
    copy_of,
    events_of,
    finish,
    in_this_process,
    killed_after,
)
from tests.support.open_set import open_set_run


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    """Both stages of Mask R-CNN."""
    run = open_set_run(tmp_path_factory.mktemp("baseline"), method="mask_rcnn")
    finish(run)
    return run


def test_what_the_softmax_is_not_sure_of_is_unknown(baseline: LocalRun) -> None:
    attempt = attempt_of(baseline, 1)
    (tested,) = events_of(attempt, Scores)
    files = {record.kind: attempt / record.path for record in tested.records}
    stored = read_predictions(files["candidates"])

    found = json.loads(files["detections"].read_text())

    assert found
    for row in found:
        assert row["distance"] == pytest.approx(1 - row["score"], abs=1e-6)
        assert (row["category_id"] == 1000) == (row["distance"] > 0.7)
    assert stored.evaluate(1.0).found_unknown == 0
    assert score(tested, "true_objects", group="unknown") is not None


def test_training_tells_the_losses_of_torchvision(baseline: LocalRun) -> None:
    values = events_of(attempt_of(baseline, 0), Metric)[-1].values

    assert {"loss_classifier", "loss_box_reg", "loss_mask", "loss_objectness", "loss_rpn_box_reg"} <= set(values)


def test_a_killed_training_ends_with_the_same_bits(baseline: LocalRun, tmp_path: Path) -> None:
    run = copy_of(baseline, tmp_path, 0)

    with killed_after(3):
        in_this_process(begin_stage(run), StopFlag())
    assert in_this_process(begin_stage(run), StopFlag()) == 0

    ours, theirs = (attempt_of(one, 0) / ARTIFACT_DIR / "model" / WEIGHTS_FILE for one in (run, baseline))
    assert ours.read_bytes() == theirs.read_bytes()


def test_without_classes_everything_is_unknown(tmp_path: Path) -> None:
    run = open_set_run(tmp_path, method="mask_rcnn", model={"class_agnostic": True})
    finish(run)

    attempt = attempt_of(run, 1)
    (tested,) = events_of(attempt, Scores)
    found = json.loads(next(attempt / one.path for one in tested.records if one.kind == "detections").read_text())
    assert {row["category_id"] for row in found} == {1000}


def test_the_demo_has_the_data_and_updates_of_that_of_semseg() -> None:
    lower, upper = load_preset("mask_rcnn/demo"), load_preset("semseg/demo")

    assert (lower.dataset, lower.stream, lower.config["optim"]) == (upper.dataset, upper.stream, upper.config["optim"])
