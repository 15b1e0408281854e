"""Evaluation: one matrix over all batches, and every score that was measured with it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.data.loaders import Batch
from core.methods.class_incremental.evaluation import EvaluationOutline, at_size, confusion_matrix, scores_event
from core.stage.events import Scores

CPU = torch.device("cpu")
SECOND = np.array([[60, 0, 20], [50, 50, 10], [0, 0, 10]])
"""After step 1: background, class 4 and class 2."""
OUTLINE = EvaluationOutline(step=1, iteration=30, learning_order=(4, 2), classes_per_step=(1, 1))


class FirstPixelClass(nn.Module):
    """Answers every pixel with the class that the image's first channel names."""

    num_channels = 3

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return nn.functional.one_hot(images[:, 0].long(), 3).permute(0, 3, 1, 2) - 0.5


def batch(classes: list[int], labels: list[int]) -> Batch:
    images = torch.tensor(classes).view(-1, 1, 1, 1).expand(-1, 3, 2, 2).float()
    return Batch(images, torch.tensor(labels).view(-1, 1, 1).expand(-1, 2, 2), np.arange(len(classes)))


def value(event: Scores, metric: str, group: str | None = None, class_id: int | None = None) -> float | None:
    found = [s.value for s in event.scores if (s.metric, s.group, s.class_id) == (metric, group, class_id)]
    assert len(found) == 1, (metric, group, class_id, found)
    return found[0]


def test_the_matrix_counts_all_batches_and_skips_ignored_pixels():
    batches = [batch([1, 2], [1, 1]), batch([0, 2], [255, 0])]

    matrix = confusion_matrix(FirstPixelClass(), batches, "threshold", CPU, torch.float32)  # type: ignore[arg-type]

    assert matrix.tolist() == [[0, 0, 4], [0, 4, 4], [0, 0, 0]]


def test_a_models_mode_is_left_as_it_was():
    model = FirstPixelClass().train()

    confusion_matrix(model, [], "argmax_all", CPU, torch.float32)  # type: ignore[arg-type]

    assert model.training


def test_scores_of_a_second_step_are_those_worked_out_by_hand():
    event = scores_event(OUTLINE, SECOND)
    background, old, new = 60 / 130, 50 / 110, 10 / 40

    assert (event.split, event.step, event.iteration) == ("test", 1, 30)
    assert value(event, "iou", class_id=4) == pytest.approx(old, abs=1e-6)
    assert value(event, "iou", class_id=-1) == pytest.approx(background, abs=1e-6)
    assert value(event, "accuracy", class_id=4) == pytest.approx(50 / 110)
    assert value(event, "miou", "all") == pytest.approx((background + old + new) / 3, abs=1e-6)
    assert value(event, "miou", "old") == pytest.approx((background + old) / 2, abs=1e-6)
    assert value(event, "miou", "old_foreground") == pytest.approx(old, abs=1e-6)
    assert value(event, "miou", "new") == pytest.approx(new, abs=1e-6)
    assert value(event, "miou", "step-1") == pytest.approx(new, abs=1e-6)
    assert value(event, "pixel_accuracy", "all") == pytest.approx(120 / 200)


def test_what_follows_from_several_steps_is_not_told_by_one() -> None:
    metrics = {score.metric for score in scores_event(OUTLINE, SECOND).scores}

    assert metrics == {"iou", "accuracy", "miou", "miou_present", "pixel_accuracy", "class_accuracy"}


def test_the_base_step_has_no_old_group():
    outline = EvaluationOutline(step=0, iteration=30, learning_order=(4,), classes_per_step=(1,))

    event = scores_event(outline, np.array([[80, 10], [20, 90]]))

    assert {score.group for score in event.scores} == {None, "all", "step-0"}


def test_without_a_background_its_channel_is_in_no_mean():
    outline = EvaluationOutline(1, 30, (4, 2), (1, 1), has_background=False)

    event = scores_event(outline, SECOND)

    assert value(event, "miou", "all") == pytest.approx((50 / 110 + 10 / 40) / 2, abs=1e-6)
    assert [score for score in event.scores if score.class_id == -1] == []


def test_logits_of_a_smaller_image_are_brought_to_the_size_of_the_label() -> None:
    logits = torch.zeros(1, 2, 2, 3)

    assert at_size(logits, (4, 6)).shape == (1, 2, 4, 6)
    assert at_size(logits, (2, 3)) is logits
