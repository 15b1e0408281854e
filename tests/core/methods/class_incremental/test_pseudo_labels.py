import math

import pytest
import torch

from core.methods.class_incremental import pseudo_labels
from core.methods.class_incremental.pseudo_labels import pseudo_label

SURE = 4.0


def test_only_background_pixels_take_the_old_models_class() -> None:
    labels = torch.tensor([[[0, 3, 255, 0]]])
    logits = torch.full((1, 3, 1, 4), -SURE)
    logits[0, 2] = SURE
    logits[0, 0, 0, 3] = SURE + 1

    assert pseudo_label(labels, logits).tolist() == [[[2, 3, 255, 0]]]


def test_probability_equal_to_the_threshold_is_enough() -> None:
    labels = torch.zeros(1, 1, 2, dtype=torch.int64)
    logits = torch.tensor([[[[-9.0, -9.0]], [[0.0, -1e-3]]]])

    assert pseudo_label(labels, logits, threshold=0.5).tolist() == [[[1, 0]]]


def test_equal_probabilities_go_to_the_first_channel() -> None:
    labels = torch.zeros(1, 1, 3, dtype=torch.int64)
    logits = torch.tensor([[[[3.0, -9.0, 40.0]], [[3.0, 3.0, 50.0]], [[3.0, 3.0, 60.0]]]])

    assert pseudo_label(labels, logits).tolist() == [[[0, 1, 0]]]


def test_background_does_not_compete_when_only_the_foreground_is_asked_for() -> None:
    labels = torch.zeros(1, 1, 2, dtype=torch.int64)
    logits = torch.tensor([[[[9.0, 9.0]], [[3.0, 1.0]]]])

    assert pseudo_label(labels, logits, threshold=0.9, foreground_only=True).tolist() == [[[1, 0]]]


def test_small_logits_are_upsampled_to_the_labels() -> None:
    labels = torch.zeros(1, 4, 4, dtype=torch.int64)
    logits = torch.tensor([[[[-9.0, -9.0], [-9.0, -9.0]], [[SURE, -SURE], [SURE, -SURE]]]])
    column = [(1 - t) * SURE - t * SURE for t in (0.0, 0.25, 0.75, 1.0)]
    expected = [int(1 / (1 + math.exp(-z)) >= 0.7) for z in column]

    assert pseudo_label(labels, logits).tolist() == [[expected] * 4]


def test_chunks_do_not_change_the_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 2, (5, 6, 7), generator=generator)
    logits = 3 * torch.randn(5, 4, 6, 7, generator=generator)
    whole = pseudo_label(labels, logits)

    monkeypatch.setattr(pseudo_labels, "CHUNK_ELEMENTS", 1)

    assert torch.equal(pseudo_label(labels, logits), whole)
