"""Both stages of SemSeg end to end, at 48 px: what is told, and what a stop or a kill changes, which is nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.data.opening import on_disk
from core.data.worlds.objects_world import ObjectsDatasetSpec
from core.engine.panel_objects import PanelObjects
from core.methods.semseg.model_files import WEIGHTS_FILE
from core.methods.semseg.predictions import read_predictions
from core.runner.local import LocalRun
from core.runner.report import score
from core.stage.events import Log, Metric, Predictions, Scores, Started
from core.stage.folder import ARTIFACT_DIR
from core.stage.interrupt import StopFlag
from tests.support.local_runs import (
    attempt_of,
    begin_stage,
    copy_of,
    events_of,
    failure_of,
    finish,
    in_this_process,
    killed_after,
    stopping_after,
)
from tests.support.open_set import WORLD, open_set_run

TRAIN, EVALUATE = 0, 1
LOSSES = {"proposal_box", "proposal_score", "box", "iou", "metric", "classes", "mask"}


def record_of(attempt: Path, scores: Scores, kind: str) -> Path:
    return next(attempt / record.path for record in scores.records if record.kind == kind)


def series(attempts: Sequence[Path]) -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    for attempt in attempts:
        (started,) = [event for event in events_of(attempt, Started) if event.parameters is not None]
        found = {at: values for at, values in found.items() if at <= (started.resumed_iteration or 0)}
        found |= {event.iteration: dict(event.values) for event in events_of(attempt, Metric)}
    return found


def test_training_tells_its_seven_losses(open_set: LocalRun) -> None:
    points = events_of(attempt_of(open_set, TRAIN), Metric)

    assert [point.iteration for point in points] == [2, 4, 5]
    for point in points:
        assert {name.removeprefix("loss_") for name in point.values if name.startswith("loss_")} == LOSSES
        parts = sum(value for name, value in point.values.items() if name.startswith("loss_"))
        assert parts == pytest.approx(point.values["loss"], rel=1e-5)


def test_each_test_set_has_its_scores_and_all_have_theirs_together(open_set: LocalRun) -> None:
    tested = events_of(attempt_of(open_set, EVALUATE), Scores)

    assert [scores.domain for scores in tested] == ["main", "further", None]
    for metric, group in (("ar10", "unknown"), ("ap", "known")):
        each = [score(one, metric, group=group) for one in tested]
        assert each[2] == pytest.approx(np.mean([value for value in each[:2] if value is not None]))
    each = [score(one, "true_objects", group="unknown") for one in tested]
    assert each[2] == sum(value for value in each[:2] if value is not None) > 0


def test_stored_candidates_give_the_scores_again_and_those_of_another_threshold(open_set: LocalRun) -> None:
    attempt = attempt_of(open_set, EVALUATE)
    tested = events_of(attempt, Scores)[0]
    stored = read_predictions(record_of(attempt, tested, "candidates"))
    threshold = open_set.experiment.config.model_dump()["eval"]["unknown_threshold"]
    results = json.loads(record_of(attempt, tested, "detections").read_text())

    again = stored.evaluate(threshold)

    assert again.unknown.recall[0, :, 0].mean() == score(tested, "ar10", group="unknown")
    assert again.found_unknown == sum(row["category_id"] == 1000 for row in results)
    assert len(stored.chosen(threshold)) == len(results) > 0
    nothing_is_known, nothing_is_unknown = stored.evaluate(-1.0), stored.evaluate(9.0)
    assert nothing_is_unknown.found_unknown == 0 < nothing_is_known.found_unknown
    assert nothing_is_known.open_set_errors.sum() == 0
    assert all(row["distance"] > threshold for row in results if row["category_id"] == 1000)


def test_the_curve_holds_the_scores_of_the_run(open_set: LocalRun) -> None:
    attempt = attempt_of(open_set, EVALUATE)
    tested = events_of(attempt, Scores)[0]

    curve = json.loads(record_of(attempt, tested, "curve").read_text())

    (point,) = [point for point in curve["points"] if point["threshold"] == curve["threshold"]]
    assert point["ar10_unknown"] == score(tested, "ar10", group="unknown")
    assert point["ap_known"] == score(tested, "ap", group="known")


def test_panels_show_what_is_there_and_what_was_found(open_set: LocalRun) -> None:
    attempt = attempt_of(open_set, EVALUATE)
    shown = events_of(attempt, Predictions)

    assert [(one.domain, one.kind, len(one.items)) for one in shown] == [
        ("main", "instances", 1),
        ("further", "instances", 1),
    ]
    truth, found = (
        PanelObjects.model_validate_json((attempt / path).read_bytes())
        for path in (shown[0].items[0].labels, shown[0].items[0].prediction)
    )
    assert (truth.width, truth.height) == (48, 48)
    assert all(thing.is_unknown == (thing.class_id not in (1, 3)) for thing in truth.objects)
    assert all(thing.score is not None and (thing.class_id is None) == thing.is_unknown for thing in found.objects)


@pytest.mark.parametrize("updates", [1, 3])
def test_a_killed_training_goes_on_and_ends_with_the_same_bits(
    open_set: LocalRun, tmp_path: Path, updates: int
) -> None:
    run = copy_of(open_set, tmp_path, 0)

    with killed_after(updates):
        in_this_process(begin_stage(run), StopFlag())
    assert in_this_process(begin_stage(run), StopFlag()) == 0

    ours, theirs = (sorted(attempt_of(one, TRAIN).parent.glob("attempt-*")) for one in (run, open_set))
    assert series(ours) == series(theirs)
    weights = [attempts[-1] / ARTIFACT_DIR / "model" / WEIGHTS_FILE for attempts in (ours, theirs)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_a_stopped_training_goes_on_where_it_was(open_set: LocalRun, tmp_path: Path) -> None:
    run = copy_of(open_set, tmp_path, 0)

    with stopping_after(3) as stop:
        assert in_this_process(begin_stage(run), stop) == 75
    assert in_this_process(begin_stage(run), StopFlag()) == 0

    (started,) = [event for event in events_of(attempt_of(run, TRAIN), Started) if event.parameters is not None]
    assert started.resumed_iteration == 3


def test_a_training_may_be_tested_on_its_way_without_changing_it(open_set: LocalRun, tmp_path: Path) -> None:
    run = open_set_run(tmp_path, eval={"every": 2})
    assert in_this_process(begin_stage(run), StopFlag()) == 0

    folder = attempt_of(run, TRAIN)
    tests = [event for event in events_of(folder, Metric) if "ap_known" in event.values]
    assert [event.iteration for event in tests] == [2, 4]
    assert all({"ap_known", "ar10_unknown", "aose"} == set(event.values) for event in tests)
    weights = [one / ARTIFACT_DIR / "model" / WEIGHTS_FILE for one in (folder, attempt_of(open_set, TRAIN))]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_a_stopped_evaluation_starts_anew(open_set: LocalRun, tmp_path: Path) -> None:
    run, stop = copy_of(open_set, tmp_path, 1), StopFlag()
    stop.request()

    assert in_this_process(begin_stage(run, EVALUATE), stop) == 75
    assert in_this_process(begin_stage(run, EVALUATE), StopFlag()) == 0

    found, wanted = (events_of(attempt_of(one, EVALUATE), Scores) for one in (run, open_set))
    assert [one.scores for one in found] == [one.scores for one in wanted]


def test_a_damaged_model_is_named(open_set: LocalRun, tmp_path: Path) -> None:
    run = copy_of(open_set, tmp_path, 1)
    folder = begin_stage(run, EVALUATE)
    weights = next(folder.glob(f"inputs/**/{WEIGHTS_FILE}"))
    data = weights.read_bytes()
    weights.unlink()
    weights.write_bytes(data[:-8])

    in_this_process(folder, StopFlag())

    assert WEIGHTS_FILE in failure_of(folder).error


def test_without_unknown_objects_their_scores_are_undefined(tmp_path: Path) -> None:
    run = open_set_run(
        tmp_path,
        stream={"known": ["ball", "crate", "tent", "star"]},
        optim={"iterations": 1, "milestones": [], "batch_size": 1},
    )
    finish(run)

    (tested,) = events_of(attempt_of(run, EVALUATE), Scores)
    for metric in ("ap", "ar10"):
        assert score(tested, metric, group="unknown") is None
    assert score(tested, "aose") is None
    assert score(tested, "true_objects", group="unknown") == 0


def test_images_whose_known_objects_are_crowds_are_not_learned_from(tmp_path: Path) -> None:
    run = open_set_run(tmp_path, optim={"iterations": 1, "milestones": [], "batch_size": 1})
    folder = Path(on_disk(ObjectsDatasetSpec.model_validate(WORLD), run.data_home).root)
    path = folder / "annotations" / "instances_train2017.json"
    document = json.loads(path.read_text())
    known = [one for one in document["annotations"] if one["category_id"] in (1, 3)]
    for one in known:
        one["iscrowd"] = int(one["image_id"] != known[0]["image_id"])
    path.write_text(json.dumps(document))

    assert in_this_process(begin_stage(run), StopFlag()) == 0

    (begun,) = [log.text for log in events_of(attempt_of(run, TRAIN), Log) if log.text.startswith("trains")]
    assert "of 1 images, 1 an epoch" in begun
