"""Scores of teacher and student."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.classes import SYNTHIA_16
from core.data.loaders import Batch
from core.engine.loop import Iteration
from core.methods.stal.round_data import channel_tables
from core.methods.stal.stages import train_round
from core.methods.stal.testing import ValidationHook, confusion_of, scores_event
from core.methods.stal.training import build_state
from core.runner.events import Metric
from core.runner.report import score
from core.runner.spec import ARTIFACT_DIR
from tests.support.local_runs import events_of
from tests.support.rounds import round_context


def test_scores_of_a_matrix_by_hand() -> None:
    matrix = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]], dtype=np.int64)

    scores = scores_event(matrix, np.array([2, 5, 7], np.uint8), split="val", round_index=1, iteration=9)

    assert score(scores, "iou", class_id=2) == pytest.approx(3 / 4)
    assert score(scores, "iou", class_id=5) == pytest.approx(4 / 5)
    assert score(scores, "accuracy", class_id=2) == pytest.approx(3 / 4)
    assert score(scores, "iou", class_id=7) is None
    assert score(scores, "miou", group="all") == pytest.approx((3 / 4 + 4 / 5) / 3)
    assert score(scores, "miou_present", group="all") == pytest.approx((3 / 4 + 4 / 5) / 2)
    assert score(scores, "miou", group="16") is None


def test_subsets_of_synthia_are_scored_wherever_their_classes_are() -> None:
    all_19, shared_16 = np.arange(19, dtype=np.uint8), np.array(SYNTHIA_16, np.uint8)
    right = [scores_event(np.diag(np.arange(1, len(ids) + 1)), ids, split="val", round_index=0, iteration=1)
             for ids in (all_19, shared_16)]  # fmt: skip

    assert {one.group for one in right[0].scores if one.metric == "miou"} == {"all", "16", "13"}
    assert {one.group for one in right[1].scores if one.metric == "miou"} == {"all", "13"}

    # Only wall, fence and pole are wrong, which are the three that the 13 leave out.
    matrix = np.diag(np.full(16, 10))
    matrix[[3, 4, 5], [3, 4, 5]] = 0
    matrix[[3, 4, 5], [4, 5, 3]] = 10
    scores = scores_event(matrix, shared_16, split="val", round_index=0, iteration=1)
    assert score(scores, "miou", group="13") == pytest.approx(1)
    assert score(scores, "miou", group="all") == pytest.approx(13 / 16)


@pytest.mark.parametrize("options", [{}, {"mode": "sliding", "base_size": 48, "scales": [1.0, 1.5], "flip": True}])
def test_every_pixel_is_counted_once_and_the_network_goes_on_training(
    tmp_path: Path, options: dict[str, object]
) -> None:
    context = round_context(tmp_path, eval=options)
    channel_of, _ = channel_tables(context.train_set.classes)
    student = build_state(context, 5, 4).student.train()

    matrix = confusion_of(context, student, channel_of, torch.float32, 0)

    # Two pictures of four stripes of 8 x 32; class 2 is in none.
    assert matrix.sum(axis=1).tolist() == [512, 512, 0, 512, 512]
    assert student.training


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


def test_test_between_epochs_gives_way_to_a_stop(tmp_path: Path) -> None:
    context = round_context(tmp_path)
    channel_of, _ = channel_tables(context.train_set.classes)
    student = build_state(context, 5, 4).student
    hook = ValidationHook(context, {"student": student}, channel_of, torch.float32, every=2)
    context.stop.request()

    hook.after(Iteration(2, Batch(torch.zeros(0), torch.zeros(0), np.zeros(0, np.int64)), {}))

    assert events_of(tmp_path, Metric) == []
    assert student.training
