"""Rounds of STAL end to end, at 32 px: what is asked, answered, trained on and repeated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.acquisition.manifest import LabelManifest, read_manifest
from core.acquisition.queries import QueryBatch, read_queries
from core.acquisition.query_mask_files import read_query_masks
from core.acquisition.query_masks import QueryMasks
from core.data.classes import SYNTHIA_16
from core.data.decoding import read_label
from core.data.opening import open_dataset
from core.errors import ConfigError
from core.methods.stal.stages import select_queries, train_round
from core.runner.local import LocalRun
from core.runner.report import score
from core.stage.events import Metric, Scores, Started
from core.stage.folder import ARTIFACT_DIR, RESULT_FILE, StageOutcome
from core.stage.interrupt import StopFlag
from core.streams.first_images import draw_initial
from tests.support.local_runs import (
    attempt_of,
    begin_stage,
    change_spec,
    confusion_of,
    copy_of,
    events_of,
    failure_of,
    finish,
    in_this_process,
    killed_after,
    stopping_after,
    warnings_of,
)
from tests.support.rounds import SEED, pictures, round_context, rounds_run, select_context

TRAIN, SELECT, LABEL = (0, 3, 6), (1, 4), (2, 5)


def queries_of(run: LocalRun, index: int) -> QueryBatch:
    return read_queries(attempt_of(run, index) / ARTIFACT_DIR / "queries")


def manifest_of(run: LocalRun, index: int) -> LabelManifest:
    return read_manifest(attempt_of(run, index) / ARTIFACT_DIR / "labels")


def asked(run: LocalRun, index: int) -> list[str]:
    return [query.image for query in queries_of(run, index).queries]


def initial(run: LocalRun) -> set[str]:
    names = open_dataset(run.experiment.dataset, run.data_home).train.ids
    stream = run.experiment.stream
    return {names[position] for position in draw_initial(names, stream.initial_images, stream.seed)}


def weights_of(attempt: Path) -> dict[str, str]:
    outcome = StageOutcome.model_validate_json((attempt / RESULT_FILE).read_bytes())
    return {file.path: file.sha256 for file in outcome.files if file.path.endswith(".safetensors")}


def series_of(attempts: Sequence[Path]) -> dict[int, dict[str, float]]:
    """Return the points of a stage that was carried out in several attempts."""
    points = [event for attempt in attempts for event in events_of(attempt, Metric)]
    assert len({point.iteration for point in points}) == len(points)
    return {point.iteration: dict(point.values) for point in points}


def test_contiguous_16_is_learned_asked_answered_and_tested_alone(tmp_path: Path) -> None:
    source = {
        "world": "streets", "domain": "synthetic", "layout": "synthia", "height_px": 32, "width_px": 48,
        "train_images": 4, "eval_images": 2,
    }  # fmt: skip
    run = rounds_run(tmp_path, {"source": source, "budgets": [2]}, data={"label_space": "contiguous16"})
    finish(run)

    assert queries_of(run, 1).class_ids == list(SYNTHIA_16)
    labels = attempt_of(run, 2) / ARTIFACT_DIR / "labels"
    answered = [read_label(labels / item.mask) for item in manifest_of(run, 2).images]
    truth = open_dataset(run.experiment.dataset, run.data_home).train
    assert any(np.isin(truth.label(index), (9, 14, 16)).any() for index in range(len(truth)))
    assert set(np.unique(np.stack(answered))) <= {*SYNTHIA_16, 255}
    [teacher, student] = events_of(attempt_of(run, 3), Scores)
    for scores in (teacher, student):
        assert confusion_of(attempt_of(run, 3), scores).channels == list(SYNTHIA_16)
        assert {one.group for one in scores.scores if one.metric == "miou"} == {"all", "13", "categories"}


def test_each_round_asks_for_its_budget_among_images_without_labels(stal_run: LocalRun) -> None:
    first, second = (asked(stal_run, index) for index in SELECT)
    known = initial(stal_run)

    assert (len(known), len(first), len(second)) == (2, 2, 2)
    assert len({*known, *first, *second}) == 6
    # 8 images, 2 of them labelled at the start, 2 more before the second round.
    assert [queries_of(stal_run, index).pool_size for index in SELECT] == [6, 4]


def test_labels_of_a_round_are_those_before_and_the_answers(stal_run: LocalRun) -> None:
    first, second = (manifest_of(stal_run, index) for index in LABEL)

    assert {item.image for item in first.images} == set(asked(stal_run, 1))
    assert {item.image for item in second.images} == {*asked(stal_run, 1), *asked(stal_run, 4)}
    assert all(item.is_whole for item in second.images)
    assert (first.rounds, second.rounds) == (1, 2)
    assert [answer.round for answer in second.answers] == [0, 0, 1, 1]


def test_oracle_gives_the_ground_truth(stal_run: LocalRun) -> None:
    truth = open_dataset(stal_run.experiment.dataset, stal_run.data_home).train
    folder = attempt_of(stal_run, 5) / ARTIFACT_DIR / "labels"

    for item in read_manifest(folder).images:
        expected = truth.label(list(truth.ids).index(item.image))
        assert np.array_equal(read_label(folder / item.mask), expected)


def test_teacher_and_student_are_scored_on_every_test_pixel_after_each_round(stal_run: LocalRun) -> None:
    for round_index, index in enumerate(TRAIN):
        found = events_of(attempt_of(stal_run, index), Scores)
        assert [(scores.split, scores.step, scores.iteration) for scores in found] == [
            ("val", round_index, 6),
            ("val-student", round_index, 6),
        ]
        for scores in found:
            matrix = np.array(confusion_of(attempt_of(stal_run, index), scores).matrix, dtype=np.float64)
            hits = matrix.diagonal()
            union = matrix.sum(0) + matrix.sum(1) - hits
            iou = np.divide(hits, union, out=np.zeros(19), where=union > 0)
            # Two test pictures of 32 x 48; no pixel of the world is without a class but the car's own bonnet.
            assert 0 < matrix.sum() <= 2 * 32 * 48
            assert score(scores, "miou", group="all") == pytest.approx(iou.mean())
            assert score(scores, "miou_present", group="all") == pytest.approx(iou[matrix.sum(1) > 0].mean())
            # The 16 and 13 classes of SYNTHIA by train id.
            sixteen = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 17, 18]
            thirteen = [0, 1, 2, 6, 7, 8, 10, 11, 12, 13, 15, 17, 18]
            assert score(scores, "miou", group="16") == pytest.approx(iou[sixteen].mean())
            assert score(scores, "miou", group="13") == pytest.approx(iou[thirteen].mean())


def test_query_knows_what_asked_it_and_comes_with_a_proposal(stal_run: LocalRun) -> None:
    batch = queries_of(stal_run, 1)
    folder = attempt_of(stal_run, 1) / ARTIFACT_DIR / "queries"
    record = json.loads((attempt_of(stal_run, 0) / ARTIFACT_DIR / "model" / "model.json").read_text())

    assert (batch.acquisition, batch.budget, batch.seed, batch.round) == ("stal", 2, SEED, 0)
    assert batch.model_sha256 == record["teacher_sha256"]
    assert sum(batch.histogram) == 6
    assert [query.rank for query in batch.queries] == [0, 1]
    assert batch.queries[0].value >= batch.queries[1].value
    for query in batch.queries:
        assert (query.width, query.height, query.pixels, query.clicks) == (48, 32, 48 * 32, 1)
        assert query.mask is None
        proposal, uncertainty = read_label(folder / query.proposal), read_label(folder / query.uncertainty)
        assert proposal.shape == uncertainty.shape == (32, 48)
        assert proposal.max() < 19
        assert uncertainty.max() > 0
    assert sum(batch.queried_pixels.values()) == 2 * 48 * 32


def test_a_round_asked_again_gives_the_same_queries(stal_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(stal_run, tmp_path, num_stages=1)
    folder = begin_stage(copied, 1)

    assert in_this_process(folder, StopFlag()) == 0

    assert read_queries(folder / ARTIFACT_DIR / "queries") == queries_of(stal_run, 1)


def test_series_have_all_losses(stal_run: LocalRun) -> None:
    points = events_of(attempt_of(stal_run, 0), Metric)

    assert [point.iteration for point in points] == [3, 6]
    names = {"loss_supervised", "loss_consistency", "loss_labelled", "loss_contrast"}
    assert {"loss", "lr", "grad_norm"} | names <= points[0].values.keys()
    for point in points:
        assert point.values["loss"] == pytest.approx(sum(point.values[name] for name in names), rel=1e-5)
    # (1 - i/6)^0.9 with i = 2 finished iterations before the third update.
    assert points[0].values["lr"] == pytest.approx(0.01 * (1 - 2 / 6) ** 0.9)


@pytest.mark.parametrize("updates", [1, 2, 3, 5])
def test_training_stopped_and_resumed_ends_with_the_same_bits(stal_run: LocalRun, tmp_path: Path, updates: int) -> None:
    """Six unlabelled images in batches of two make epochs of three iterations: 3 is a border, the others are not."""
    copied = copy_of(stal_run, tmp_path, num_stages=0)
    first = begin_stage(copied)
    with stopping_after(updates) as flag:
        assert in_this_process(first, flag) == 75

    second = begin_stage(copied)
    assert in_this_process(second, StopFlag()) == 0

    reference = attempt_of(stal_run, 0)
    assert weights_of(second) == weights_of(reference)
    assert len(weights_of(second)) == 2
    assert series_of([first, second]) == series_of([reference])
    assert [confusion_of(second, scores) for scores in events_of(second, Scores)] == [
        confusion_of(reference, scores) for scores in events_of(reference, Scores)
    ]


def test_killed_training_goes_on_from_the_last_checkpoint(stal_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(stal_run, tmp_path, num_stages=0)
    with killed_after(5):
        in_this_process(begin_stage(copied), StopFlag())

    folder = begin_stage(copied)
    assert in_this_process(folder, StopFlag()) == 0

    # A checkpoint is written after two iterations and after four.
    assert [started.resumed_iteration for started in events_of(folder, Started)][-1] == 4
    assert weights_of(folder) == weights_of(attempt_of(stal_run, 0))


def test_another_seed_gives_other_weights(stal_run: LocalRun, tmp_path: Path) -> None:
    folder = begin_stage(copy_of(stal_run, tmp_path, num_stages=0))
    change_spec(folder, seed=SEED + 1)

    assert in_this_process(folder, StopFlag()) == 0

    assert weights_of(folder).keys() == weights_of(attempt_of(stal_run, 0)).keys()
    assert weights_of(folder) != weights_of(attempt_of(stal_run, 0))


def test_later_round_starts_from_the_teacher_where_that_is_asked_for(tmp_path: Path) -> None:
    # No learning rate to speak of: what comes out is what went in.
    still = {"lr": 1e-12, "iterations": 1, "clip_norm": None}
    run = rounds_run(tmp_path, {"budgets": [2]}, model={"init": "previous_round"}, optim=still)
    finish(run)

    before, after = (
        load_file(attempt_of(run, index) / ARTIFACT_DIR / "model" / "teacher.safetensors") for index in (0, 3)
    )
    kernels = [name for name in before if name.endswith("weight") and before[name].dim() == 4]
    assert kernels
    for name in kernels:
        assert torch.allclose(before[name], after[name], atol=1e-6)


def test_windows_of_earlier_rounds_stay_blocked_and_images_stay_in_the_pool(tmp_path: Path) -> None:
    """3 x 3 windows: one percent of 1536 pixels is 15.36, which two windows cover."""
    stream = {"budgets": [1, 1], "unit": "percent_pixels_per_image"}
    run = rounds_run(tmp_path, stream, acquisition={"name": "ripu_ra", "radius": 1})
    finish(run)

    first, second = (queries_of(run, index) for index in SELECT)
    assert len(first.queries) == len(second.queries) == first.pool_size == second.pool_size == 6
    assert sum(first.pool_pixels.values()) == 6 * 32 * 48
    pixels = {}
    for index, batch in ((1, first), (4, second)):
        folder = attempt_of(run, index) / ARTIFACT_DIR / "queries"
        for query in batch.queries:
            assert query.clicks == 2
            pixels[batch.round, query.image] = read_label(folder / query.mask) > 0
            assert pixels[batch.round, query.image].sum() == query.pixels <= 18
    states = [attempt_of(run, index) / ARTIFACT_DIR / "asked" for index in SELECT]
    for file in states[0].iterdir():
        before, after = (read_query_masks(state / file.name, (32, 48)) for state in states)
        assert_grown(before, after)
    for query in first.queries:
        assert not (pixels[0, query.image] & pixels[1, query.image]).any()

    # The label of a round is the union of what was asked, and whole images of the start are not in it.
    manifest, folder = manifest_of(run, 5), attempt_of(run, 5) / ARTIFACT_DIR / "labels"
    assert not any(item.is_whole for item in manifest.images)
    truth = open_dataset(run.experiment.dataset, run.data_home).train
    for item in manifest.images:
        expected = truth.label(list(truth.ids).index(item.image))
        is_asked = pixels[0, item.image] | pixels[1, item.image]
        assert np.array_equal(read_label(folder / item.mask), np.where(is_asked, expected, 255))


def assert_grown(before: QueryMasks, after: QueryMasks) -> None:
    assert (after.blocked >= before.blocked).all()
    assert (after.selected >= before.selected).all()
    assert after.selected.sum() > before.selected.sum()


@pytest.mark.parametrize(
    "name", ["random", "entropy", "least_confidence", "margin", "bvsb", "mc_entropy", "bald", "coreset", "stal"]
)
def test_every_function_for_images_asks_the_same_twice(stal_run: LocalRun, tmp_path: Path, name: str) -> None:
    found = []
    for attempt in ("one", "two"):
        context = select_context(tmp_path / attempt, tmp_path / "model", acquisition={"name": name, "passes": 2})
        select_queries(context)
        found.append(read_queries(tmp_path / attempt / ARTIFACT_DIR / "queries"))

    assert found[0] == found[1]
    images = [query.image for query in found[0].queries]
    assert len(set(images)) == len(images) == 2
    assert (found[0].cover_radius is not None) == (name == "coreset")


@pytest.mark.parametrize(("budget", "message"), [(5, "only 4 of 6 are left"), (0.5, "is not a whole image")])
def test_budget_that_the_pool_cannot_meet_is_refused(tmp_path: Path, budget: float, message: str) -> None:
    context = round_context(tmp_path, stream={"budgets": [budget]})

    with pytest.raises(ConfigError, match=message) as caught:
        train_round(context)

    assert caught.value.pointer == "/stream/budgets/0"


def test_a_query_names_the_class_that_the_teacher_sees_most_of(stal_run: LocalRun) -> None:
    folder = attempt_of(stal_run, 1) / ARTIFACT_DIR / "queries"

    for query in queries_of(stal_run, 1).queries:
        assert query.main_class == np.bincount(read_label(folder / query.proposal).ravel()).argmax()


def test_wholly_labelled_pool_trains_and_asks_nothing_more(tmp_path: Path) -> None:
    context = round_context(tmp_path, stream={"initial_images": 6, "budgets": []})

    train_round(context)

    assert [scores.split for scores in events_of(tmp_path, Scores)] == ["val", "val-student"]


def test_batch_larger_than_the_unlabelled_images_is_lowered_with_a_warning(tmp_path: Path) -> None:
    context = round_context(tmp_path, optim={"batch_size": 9, "iterations": 1})

    train_round(context)

    assert warnings_of(tmp_path) == ["the batch of 9 is larger than the 4 training images; it is lowered to 4"]


@pytest.mark.parametrize("initial_images", [0, 2])
def test_source_of_other_classes_is_learned_as_far_as_it_is_shared(tmp_path: Path, initial_images: int) -> None:
    source = pictures(3, first=20, classes={0: "road", 1: "pole", 3: "car"})
    context = round_context(tmp_path, source=source, stream={"initial_images": initial_images}, optim={"iterations": 2})

    train_round(context)

    assert confusion_of(tmp_path, events_of(tmp_path, Scores)[0]).channels == [0, 1, 2, 3, 4]


def test_training_without_any_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing is labelled") as caught:
        train_round(round_context(tmp_path, stream={"initial_images": 0}))
    assert caught.value.pointer == "/stream/initial_images"


def test_damaged_teacher_fails_the_select_stage_and_is_named(stal_run: LocalRun, tmp_path: Path) -> None:
    folder = begin_stage(copy_of(stal_run, tmp_path, num_stages=1), 1)
    weights = folder / "inputs/model/teacher.safetensors"
    weights.unlink()  # a hard link to the output of the stage before
    weights.write_bytes(b"")

    assert in_this_process(folder, StopFlag()) == 1
    assert failure_of(folder).reason == "storage_error"
    assert "teacher.safetensors" in failure_of(folder).error
