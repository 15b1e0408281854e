"""Scores of teacher and student."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.methods.stal.round_data import channel_tables
from core.methods.stal.testing import confusion_of, scores_event
from core.methods.stal.training import build_state
from core.runner.report import score
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
