"""Trained models of several methods, tested again: as in their own run, and on data that they never saw."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.experiment import InvalidExperiment, resolve
from core.runner.local import LocalRun
from core.runner.report import score
from core.stage.card import CARD_FILE
from core.stage.events import Log, Predictions, Progress, Scores
from core.stage.interrupt import StopFlag
from tests.support.datasets import write_folder_dataset, write_voc_dataset
from tests.support.domains import TARGETS, domains_run, street
from tests.support.local_runs import (
    attempt_of,
    begin_stage,
    confusion_of,
    events_of,
    failure_of,
    finish,
    in_this_process,
    small_run,
)
from tests.support.model_tests import model_of, test_document, test_run
from tests.support.rounds import rounds_run

WARM_UP, SELF_TRAINING = 0, 1
CITIES = tuple((name, street(name)) for name in TARGETS)
NEW_CITY = ("city-c", street("city-c"))


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    run = domains_run(tmp_path_factory.mktemp("coast"))
    finish(run)
    return run


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    run = small_run(tmp_path_factory.mktemp("steps"), "finetune")
    finish(run)
    return run


def matrices(run: LocalRun, index: int, split: str = "val") -> dict[str | None, npt.NDArray[np.int64]]:
    """Return domain -> confusion matrix of a stage."""
    attempt = attempt_of(run, index)
    tested = [event for event in events_of(attempt, Scores) if event.split == split]
    return {event.domain: np.array(confusion_of(attempt, event).matrix) for event in tested}


def finished(run: LocalRun) -> Path:
    """Run the test, and return its attempt."""
    finish(run)
    return attempt_of(run, 0)


def refused(run: LocalRun) -> str:
    """Return why the test fails."""
    folder = begin_stage(run)
    assert in_this_process(folder, StopFlag()) == 1
    return failure_of(folder).error


@pytest.mark.parametrize("index", [WARM_UP, SELF_TRAINING])
def test_a_model_on_its_own_targets_comes_to_the_scores_of_its_run(coast: LocalRun, index: int) -> None:
    run = test_run(coast, index, *CITIES, classes="7")
    attempt = finished(run)

    ours, theirs = matrices(run, 0), matrices(coast, index)
    assert list(ours) == list(TARGETS)
    for name in TARGETS:
        np.testing.assert_array_equal(ours[name], theirs[name])
    of_training = {
        scores.domain: scores for scores in events_of(attempt_of(coast, index), Scores) if scores.split == "val"
    }
    for scores in events_of(attempt, Scores):
        assert {(one.metric, one.class_id, one.group, one.value) for one in scores.scores} == {
            (one.metric, one.class_id, one.group, one.value) for one in of_training[scores.domain].scores
        }
        assert scores.iteration == of_training[scores.domain].iteration


def test_a_model_of_steps_comes_to_the_scores_of_its_step(steps: LocalRun) -> None:
    for index in (0, 1):
        run = test_run(steps, index, ("voc", steps.experiment.dataset.model_dump()))
        finish(run)

        np.testing.assert_array_equal(matrices(run, 0)["voc"], matrices(steps, index, "test")[None])


def test_a_teacher_comes_to_the_scores_of_its_round(tmp_path: Path) -> None:
    trained = rounds_run(tmp_path, {"initial_images": 4, "budgets": []})
    finish(trained)
    run = test_run(trained, 0, ("city", trained.experiment.dataset.model_dump()))
    finish(run)

    np.testing.assert_array_equal(matrices(run, 0)["city"], matrices(trained, 0)[None])

    sliding = test_run(
        trained,
        0,
        ("city", trained.experiment.dataset.model_dump()),
        eval={"mode": "sliding", "scales": [0.5, 1.0], "flip": True, "base_size": 48},
    )
    finish(sliding)
    assert matrices(sliding, 0)["city"].sum() == matrices(run, 0)["city"].sum()
    assert (matrices(sliding, 0)["city"] != matrices(run, 0)["city"]).any()


def test_a_model_is_tested_on_a_city_that_it_never_saw(coast: LocalRun) -> None:
    attempt = finished(test_run(coast, SELF_TRAINING, CITIES[0], NEW_CITY, classes="7"))

    tested = events_of(attempt, Scores)
    assert [scores.domain for scores in tested] == ["city-a", "city-c"]
    miou = score(tested[1], "miou_nonempty", group="all")
    assert miou is not None
    assert 0 <= miou <= 1
    shown = events_of(attempt, Predictions)
    assert [(event.domain, len(event.items)) for event in shown] == [("city-a", 1), ("city-c", 1)]
    assert max(event.iteration for event in events_of(attempt, Progress)) == 1000
    assert any("stage selftrain of coast" in event.text for event in events_of(attempt, Log))


def test_options_of_the_test_change_the_answers(coast: LocalRun) -> None:
    plain = test_run(coast, SELF_TRAINING, *CITIES, classes="7")
    finish(plain)
    own: dict[str, Any] = {"head": "mean_softmax"}, {"head": "specific"}, {"resolution": "native"}, {"keep": "last"}
    found = []
    for options in own:
        run = test_run(coast, SELF_TRAINING, *CITIES, classes="7", eval=options)
        finish(run)
        found.append(matrices(run, 0))

    for one in found:
        assert any((one[name] != matrices(plain, 0)[name]).any() for name in TARGETS) or one is found[2]
    # The pictures of the world have the size at which they are tested.
    assert all((found[2][name] == matrices(plain, 0)[name]).all() for name in TARGETS)


def test_the_best_class_of_a_subset_is_scored_where_missing_classes_are_allowed(
    coast: LocalRun, tmp_path: Path
) -> None:
    """A folder with two of the model's seven classes, under the names of the list, and one that it never learned."""
    dataset = write_folder_dataset(
        tmp_path / "two", classes=["sky", "human", "two", "three", "four", "five", "vehicle"]
    )
    sets = ("two", dataset.model_dump())

    assert "it lacks flat, construction, object, nature" in refused(test_run(coast, SELF_TRAINING, sets))
    attempt = finished(test_run(coast, SELF_TRAINING, sets, missing_classes="ignore"))
    (tested,) = events_of(attempt, Scores)
    assert sorted(one.class_id for one in tested.scores if one.metric == "iou" and one.class_id is not None) == [
        0,
        1,
        6,
    ]
    warned = [event.text for event in events_of(attempt, Log) if event.level == "warning"]
    assert any("two has no class flat, construction" in text for text in warned)
    assert any("has the class two, three, four, five, which the model never learned" in text for text in warned)


def test_a_class_list_of_another_length_is_refused_with_both_counts(coast: LocalRun) -> None:
    told = refused(test_run(coast, SELF_TRAINING, *CITIES, classes="19"))

    assert "the model knows 7 classes (flat, construction" in told
    assert "the test set city-a has 19 (road, sidewalk" in told
    assert "Choose the model's class list as stream.classes" in told


def test_a_head_of_another_number_of_targets_is_refused(coast: LocalRun, tmp_path: Path) -> None:
    model = shutil.copytree(model_of(coast, SELF_TRAINING), tmp_path / "model")
    record = json.loads((model / "model.json").read_text())
    (model / "model.json").write_text(json.dumps({**record, "targets": [*record["targets"], "city-c"]}))

    told = refused(elsewhere(coast, model))

    assert "the model has 3 classifiers, and a self-training on 3 targets (city-a, city-b, city-c) leaves 4" in told


def test_the_classifier_of_a_target_is_asked_on_that_target_only(coast: LocalRun) -> None:
    told = refused(test_run(coast, SELF_TRAINING, NEW_CITY, classes="7", eval={"head": "specific"}))

    assert "'city-c' is none of the model's targets city-a, city-b" in told
    assert "eval.head: mean_softmax" in told


def elsewhere(trained: LocalRun, model: Path, **changes: Any) -> LocalRun:
    """Return a run that tests a copied model."""
    experiment = resolve(test_document(model, *CITIES, classes="7", **changes))
    return replace(trained, experiment=experiment, folder=model.parent / "runs" / "copied")


def test_weights_that_differ_from_their_digest_are_refused(coast: LocalRun, tmp_path: Path) -> None:
    model = shutil.copytree(model_of(coast, WARM_UP), tmp_path / "model")
    weights = model / "last.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")

    told = refused(elsewhere(coast, model))

    assert "last.safetensors: its SHA-256 is" in told
    assert "the file was damaged" in told


def test_another_model_than_the_one_that_was_asked_for_is_refused(coast: LocalRun) -> None:
    checkpoint = {"folder": str(model_of(coast, WARM_UP)), "sha256": "0" * 64}

    told = refused(test_run(coast, WARM_UP, *CITIES, classes="7", checkpoint=checkpoint))

    assert f"and {'0' * 64} was asked for" in told
    assert "leave out checkpoint.sha256" in told


@pytest.mark.parametrize(
    ("name", "told"),
    [(CARD_FILE, "run the stage again"), ("model.json", "give the folder with all its files")],
)
def test_a_folder_without_one_of_its_files_is_refused(coast: LocalRun, tmp_path: Path, name: str, told: str) -> None:
    model = shutil.copytree(model_of(coast, WARM_UP), tmp_path / "model")
    (model / name).unlink()

    assert told in refused(elsewhere(coast, model))


def test_a_card_of_another_model_is_refused(coast: LocalRun, steps: LocalRun, tmp_path: Path) -> None:
    model = shutil.copytree(model_of(coast, WARM_UP), tmp_path / "model")
    shutil.copy(model_of(steps, 0) / CARD_FILE, model / CARD_FILE)

    assert "lists no classes" in refused(elsewhere(coast, model))


def test_weights_of_another_class_count_are_refused(coast: LocalRun, tmp_path: Path) -> None:
    model = shutil.copytree(model_of(coast, WARM_UP), tmp_path / "model")
    record = json.loads((model / "model.json").read_text())
    (model / "model.json").write_text(json.dumps({**record, "raw_ids": record["raw_ids"][:6]}))

    assert "the weights do not fit model.json" in refused(elsewhere(coast, model, missing_classes="ignore"))


def test_a_method_whose_models_cannot_be_tested_is_named_beside_those_that_can(coast: LocalRun, tmp_path: Path) -> None:
    model = shutil.copytree(model_of(coast, WARM_UP), tmp_path / "model")
    card = json.loads((model / CARD_FILE).read_text())
    (model / CARD_FILE).write_text(json.dumps({**card, "method": "cosam"}))

    told = refused(elsewhere(coast, model))

    assert "trained by method 'cosam', which has no test of its own" in told
    assert re.search(r"models of (\w+, )*eir, (\w+, )*stal, coast, .* can be tested", told)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scales": [1.0]}, "'scales' is no option of the test of 'coast'; it has batch_size"),
        ({"head": "all"}, "eval.head: Input should be 'agnostic'"),
    ],
)
def test_options_that_the_method_lacks_are_refused(coast: LocalRun, options: dict[str, Any], told: str) -> None:
    assert told in refused(test_run(coast, WARM_UP, *CITIES, classes="7", eval=options))


def test_images_that_the_model_was_trained_on_are_refused_by_name(steps: LocalRun) -> None:
    dataset = {**steps.experiment.dataset.model_dump(), "eval_split": "train_aug"}

    told = refused(test_run(steps, 0, ("voc", dataset)))

    assert "images of the test set voc are images that the model was trained on, as its dataset main: train_0" in told
    allowed = test_run(steps, 0, ("voc", {**dataset, "may_test_on_training": True}))
    assert events_of(finished(allowed), Scores)


def test_training_images_that_are_elsewhere_are_told_of(steps: LocalRun, tmp_path: Path) -> None:
    model = shutil.copytree(model_of(steps, 0), tmp_path / "model")
    card = json.loads((model / CARD_FILE).read_text())
    card["datasets"]["main"]["spec"]["root"] = str(tmp_path / "gone")
    (model / CARD_FILE).write_text(json.dumps(card))
    other = write_voc_dataset(tmp_path / "other")
    experiment = resolve(test_document(model, ("voc", other.model_dump())))

    attempt = finished(replace(steps, experiment=experiment, folder=tmp_path / "runs" / "other"))

    assert any("training images main are not on this machine" in event.text for event in events_of(attempt, Log))


def test_a_split_without_labels_is_refused(steps: LocalRun, tmp_path: Path) -> None:
    dataset = write_voc_dataset(tmp_path / "unlabelled")
    shutil.rmtree(tmp_path / "unlabelled" / "VOC2012" / "SegmentationClass")

    with pytest.raises(Exception, match="SegmentationClass") as caught:
        finish(test_run(steps, 0, ("voc", dataset.model_dump())))
    assert "val_0.png" in str(caught.value)


def test_a_split_that_shows_no_class_of_the_model_is_refused(steps: LocalRun, tmp_path: Path) -> None:
    dataset = write_voc_dataset(tmp_path / "others", evaluation=[(15,), (16,)])

    told = refused(test_run(steps, 0, ("voc", dataset.model_dump())))

    assert "none of the 2 images of the test set voc shows a class of the model" in told


def test_a_document_without_a_model_is_refused(coast: LocalRun) -> None:
    document = test_document(model_of(coast, 0), *CITIES, classes="7", checkpoint=None)

    with pytest.raises(InvalidExperiment, match="no trained model is named"):
        resolve(document)
    with pytest.raises(InvalidExperiment, match="stage '01HX' is one of a service"):
        resolve({**document, "config": {"checkpoint": {"stage": "01HX"}}})


def test_a_stop_ends_the_test_and_the_next_attempt_does_it_anew(coast: LocalRun, tmp_path: Path) -> None:
    run = replace(test_run(coast, SELF_TRAINING, *CITIES, classes="7"), folder=tmp_path / "stopped")
    stop = StopFlag()
    stop.request()

    assert in_this_process(begin_stage(run), stop) == 75
    assert in_this_process(begin_stage(run), StopFlag()) == 0
    for name, matrix in matrices(run, 0).items():
        np.testing.assert_array_equal(matrix, matrices(coast, SELF_TRAINING)[name])
