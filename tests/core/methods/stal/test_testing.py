"""Scores of teacher and student."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PILImage

from core.data.classes import CITYSCAPES_CLASSES, SYNTHIA_16
from core.data.loaders import Batch
from core.engine.loop import Iteration
from core.methods.stal.label_space import channel_tables
from core.methods.stal.round_evaluation import evaluate_network
from core.methods.stal.scores import RoundOutline, scores_event
from core.methods.stal.stages import train_round
from core.methods.stal.testing import confusion_of, validation
from core.methods.stal.training import build_state
from core.runner.report import score
from core.stage.events import Metric
from core.stage.folder import ARTIFACT_DIR, CHECKPOINT_DIR
from core.stage.interrupt import StageInterrupted
from core.streams.active_rounds import TARGET
from tests.support.local_runs import events_of, stopping_after
from tests.support.rounds import round_context


def test_scores_of_a_matrix_by_hand() -> None:
    matrix = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]], dtype=np.int64)

    scores = scores_event(matrix, np.array([2, 5, 7], np.uint8), RoundOutline("val", 1, 9))

    assert score(scores, "iou", class_id=2) == pytest.approx(3 / 4)
    assert score(scores, "iou", class_id=5) == pytest.approx(4 / 5)
    assert score(scores, "accuracy", class_id=2) == pytest.approx(3 / 4)
    assert score(scores, "iou", class_id=7) is None
    assert score(scores, "miou", group="all") == pytest.approx((3 / 4 + 4 / 5) / 3)
    assert score(scores, "miou_present", group="all") == pytest.approx((3 / 4 + 4 / 5) / 2)
    assert score(scores, "miou", group="16") is None


def test_subsets_of_synthia_are_scored_wherever_their_classes_are() -> None:
    all_19, shared_16 = np.arange(19, dtype=np.uint8), np.array(SYNTHIA_16, np.uint8)
    right = [scores_event(np.diag(np.arange(1, len(ids) + 1)), ids, RoundOutline("val", 0, 1))
             for ids in (all_19, shared_16)]  # fmt: skip

    assert {one.group for one in right[0].scores if one.metric == "miou"} == {"all", "16", "13", "categories"}
    assert {one.group for one in right[1].scores if one.metric == "miou"} == {"all", "13", "categories"}

    # Only wall, fence and pole are wrong, which are the three that the 13 leave out.
    matrix = np.diag(np.full(16, 10))
    matrix[[3, 4, 5], [3, 4, 5]] = 0
    matrix[[3, 4, 5], [4, 5, 3]] = 10
    scores = scores_event(matrix, shared_16, RoundOutline("val", 0, 1))
    assert score(scores, "miou", group="13") == pytest.approx(1)
    assert score(scores, "miou", group="all") == pytest.approx(13 / 16)


def test_categories_are_scored_as_if_their_classes_were_one() -> None:
    matrix = np.diag(np.full(19, 10))
    # Half of the cars are taken for trucks, which are vehicles too, and half of the riders for persons.
    matrix[13, [13, 14]] = matrix[12, [12, 11]] = 5
    # Half of the sky is taken for buildings: construction has 30 right pixels and 5 that are none.
    matrix[10, [10, 2]] = 5

    scores = scores_event(matrix, np.arange(19, dtype=np.uint8), RoundOutline("val", 0, 1))

    of_category = {one.group: one.value for one in scores.scores if one.metric == "category_iou"}
    assert of_category == pytest.approx(
        {"flat": 1, "construction": 30 / 35, "object": 1, "nature": 1, "sky": 0.5, "human": 1, "vehicle": 1}
    )
    assert score(scores, "miou", group="categories") == pytest.approx((5 + 30 / 35 + 0.5) / 7)
    assert score(scores, "pixel_accuracy", group="categories") == pytest.approx(185 / 190)


def test_categories_without_a_pixel_are_undefined() -> None:
    matrix = np.zeros((16, 16), np.int64)
    matrix[:9, :9] = np.diag(np.full(9, 2))

    scores = scores_event(matrix, np.array(SYNTHIA_16, np.uint8), RoundOutline("val", 0, 1))

    of_category = {one.group: one.value for one in scores.scores if one.metric == "category_iou"}
    assert {name for name, value in of_category.items() if value is not None} == {
        "flat",
        "construction",
        "object",
        "nature",
    }
    assert of_category["sky"] is None
    assert score(scores, "miou", group="categories") == pytest.approx(4 / 7)
    assert score(scores, "miou_present", group="categories") == pytest.approx(1)


def test_other_classes_have_no_categories() -> None:
    scores = scores_event(np.eye(3, dtype=np.int64), np.arange(3, dtype=np.uint8), RoundOutline("val", 0, 1))

    assert {one.group for one in scores.scores} == {None, "all"}


@pytest.mark.parametrize("options", [{}, {"mode": "sliding", "base_size": 48, "scales": [1.0, 1.5], "flip": True}])
def test_every_pixel_is_counted_once_and_the_network_goes_on_training(
    tmp_path: Path, options: dict[str, object]
) -> None:
    context = round_context(tmp_path, eval=options)
    channel_of, _ = channel_tables(context.datasets[TARGET].classes)
    student = build_state(context, 5, 4).student.train()

    matrix = confusion_of(context, student, (channel_of, torch.float32), 0)

    # Two pictures of four stripes of 8 x 32; class 2 is in none.
    assert matrix.sum(axis=1).tolist() == [512, 512, 0, 512, 512]
    assert student.training


def test_centre_crops_are_tested_alone_where_that_is_asked_for(tmp_path: Path) -> None:
    context = round_context(tmp_path, data={"crop_px": 16}, eval={"every_epochs": 1, "between": "centre"})
    channel_of, _ = channel_tables(context.datasets[TARGET].classes)
    student = build_state(context, 5, 4).student

    matrix = confusion_of(context, student, (channel_of, torch.float32), 0, centre=True)
    train_round(context)

    # Rows 8 to 24 of 32 show the classes 3 and 1, eight rows each.
    assert matrix.sum(axis=1).tolist() == [0, 2 * 8 * 16, 0, 2 * 8 * 16, 0]
    tested = [point for point in events_of(tmp_path, Metric) if "miou_teacher" in point.values]
    assert tested


def test_subsets_may_be_scored_by_the_best_of_their_own_classes(tmp_path: Path) -> None:
    context = round_context(tmp_path, eval={"restrict": True})
    target = context.datasets[TARGET]
    for described in (target, target.train, target.eval):
        object.__setattr__(described, "classes", CITYSCAPES_CLASSES)
    tables = channel_tables(context.datasets[TARGET].classes)
    network = build_state(context, 19, 4).teacher
    with torch.no_grad():
        # Train (16) is none of the 16 classes of SYNTHIA, and truck (14) neither: their best is sky.
        network.decoder.classifier[-1].weight.zero_()
        network.decoder.classifier[-1].bias.copy_(
            torch.tensor([9.0 if c == 16 else 5.0 if c == 10 else 0.0 for c in range(19)])
        )

    found = evaluate_network(context, network, tables, torch.float32, 0)

    pixels = 2 * 32 * 32
    assert found.matrix.sum(axis=0)[16] == pixels
    assert set(found.restricted) == {"16", "13"}
    assert all(matrix.sum(axis=0)[10] == pixels for matrix in found.restricted.values())
    event = scores_event(
        found.matrix, tables[1], RoundOutline("val", 0, 1), restricted={"16": np.eye(19, dtype=np.int64)}
    )
    assert score(event, "miou", group="16") == 1
    assert score(event, "miou", group="13") == score(event, "miou", group="all") == 0


@pytest.mark.parametrize("kind", ["ids", "colours", "both"])
def test_predictions_of_the_teacher_are_kept_under_their_images_names(tmp_path: Path, kind: str) -> None:
    context = round_context(tmp_path, optim={"iterations": 1}, eval={"save_maps": kind})

    result = train_round(context)

    folder = tmp_path / result.outputs["predictions"]
    kinds = ["colours", "ids"] if kind == "both" else [kind]
    assert sorted(each.name for each in folder.iterdir()) == kinds
    for each in kinds:
        assert sorted(file.name for file in (folder / each).iterdir()) == ["a_50.png", "b_51.png"]
        with PILImage.open(folder / each / "a_50.png") as picture:
            assert (picture.mode, picture.size) == ("L" if each == "ids" else "RGB", (32, 32))
            seen = {value for _, value in picture.getcolors() or []}
        classes = context.datasets[TARGET].classes
        assert seen <= (set(classes.names) if each == "ids" else {classes.colour(raw_id) for raw_id in classes.names})


def trained(folder: Path, every_epochs: int) -> tuple[list[Metric], bytes]:
    """Train for five iterations, two of which are an epoch; return the points of validation and the teacher."""
    folder.mkdir()
    context = round_context(folder, optim={"iterations": 5}, eval={"every_epochs": every_epochs})
    train_round(context)
    points = [point for point in events_of(folder, Metric) if "miou_teacher" in point.values]
    return points, (folder / ARTIFACT_DIR / "model" / "teacher.safetensors").read_bytes()


def test_networks_are_tested_between_epochs_and_trained_as_if_they_were_not(tmp_path: Path) -> None:
    none, without = trained(tmp_path / "without", 0)
    each, with_tests = trained(tmp_path / "each", 1)
    second, _ = trained(tmp_path / "second", 2)

    assert none == []
    assert [point.iteration for point in each] == [2, 4]
    assert [point.iteration for point in second] == [4]
    assert with_tests == without
    assert second[0].values == each[1].values
    assert all(0 <= point.values[name] <= 1 for point in each for name in ("miou_teacher", "miou_student"))


def test_test_between_epochs_gives_way_to_a_stop_and_is_owed(tmp_path: Path) -> None:
    context = round_context(tmp_path)
    channel_of, _ = channel_tables(context.datasets[TARGET].classes)
    student = build_state(context, 5, 4).student
    hook, resumed = (validation(context, {"student": student}, (channel_of, torch.float32), 2) for _ in range(2))
    context.stop.request()

    hook.after(Iteration(2, Batch(torch.zeros(0), torch.zeros(0), np.zeros(0, np.int64)), {}))

    assert events_of(tmp_path, Metric) == []
    assert student.training
    context.stop.requested = False
    resumed.restore(hook.state())
    resumed.at_start(2)
    resumed.at_start(2)
    assert [point.iteration for point in events_of(tmp_path, Metric)] == [2]


@pytest.mark.parametrize("stop_at", [4, 6])
def test_stage_stopped_right_before_a_test_has_the_points_of_one_that_never_stopped(
    tmp_path: Path, stop_at: int
) -> None:
    whole, stopped = (round_context(tmp_path / name, eval={"every_epochs": 1}) for name in ("whole", "stopped"))
    train_round(whole)
    with stopping_after(stop_at) as flag, pytest.raises(StageInterrupted):
        train_round(replace(stopped, stop=flag))

    train_round(replace(stopped, resume_dirs=(tmp_path / "stopped" / CHECKPOINT_DIR,)))

    points = [
        [(point.iteration, point.values) for point in events_of(folder, Metric) if "miou_teacher" in point.values]
        for folder in (tmp_path / "whole", tmp_path / "stopped")
    ]
    assert [iteration for iteration, _ in points[0]] == [2, 4, 6]
    assert points[1] == points[0]
