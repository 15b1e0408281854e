from __future__ import annotations

import pytest
import torch

from core.methods.coast.pseudo_label_maker import LabelQuality


def probabilities(classes: torch.Tensor, confidence: float) -> torch.Tensor:
    """Return (B, 2, h, w) in which each pixel's class has a probability."""
    first = torch.where(classes == 0, confidence, 1 - confidence)
    return torch.stack([first, 1 - first], dim=1)


def test_share_accuracy_and_iou_are_those_of_the_labels() -> None:
    quality = LabelQuality(2, threshold=-1)
    found = torch.tensor([[[0, 0], [1, 1]]])
    truth = torch.tensor([[[0, 1], [1, 255]]])

    quality.count(probabilities(found, 0.75), truth)

    # Class 0: one of two; class 1: one of two.
    assert quality.values() == pytest.approx({"kept": 1, "confidence": 0.75, "accuracy": 2 / 3, "miou": 0.5})


def test_truth_is_looked_at_where_the_stored_pixels_lie() -> None:
    quality = LabelQuality(2, threshold=-1)
    truth = torch.zeros(1, 5, 9, dtype=torch.long)
    truth[:, :, 4:] = 1

    quality.count(probabilities(torch.tensor([[[0, 1, 1]]]).expand(1, 2, 3), 0.9), truth)

    assert quality.values()["accuracy"] == 1


def test_what_is_dropped_is_neither_right_nor_wrong() -> None:
    quality = LabelQuality(2, threshold=0.8)
    found = torch.zeros(1, 2, 2, dtype=torch.long)
    sure = probabilities(found, 0.9)
    sure[:, :, 0] = torch.tensor([0.6, 0.4])[:, None]

    quality.count(sure, torch.tensor([[[1, 1], [0, 0]]]))

    assert quality.values() == pytest.approx({"kept": 0.5, "confidence": 0.75, "accuracy": 1, "miou": 1})


def test_without_truth_only_share_and_confidence_are_told() -> None:
    quality = LabelQuality(2, threshold=-1)

    assert quality.values() == {}
    quality.count(probabilities(torch.zeros(1, 2, 2, dtype=torch.long), 0.9), torch.full((1, 4, 4), 255))
    assert set(quality.values()) == {"kept", "confidence"}
