from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.methods.coast.networks import build_network
from core.methods.coast.options import Head, NetworkOptions, ViewOptions
from core.methods.coast.options import TestOptions as Options
from core.methods.coast.testing import Protocol, decided, mean_iou, mean_over, split_batches
from core.models.deeplabv2 import DeepLabV2
from tests.support.rounds import NAMES, pictures

CHANNELS = np.full(256, 255, np.uint8)
CHANNELS[sorted(NAMES)] = range(len(NAMES))
VIEWS = ViewOptions(image_size=(64, 16))


def network() -> DeepLabV2:
    return build_network(NetworkOptions(name="tiny"), 5, 3, torch.Generator().manual_seed(1)).eval()


@pytest.mark.parametrize(
    ("head", "target", "expected"),
    [("agnostic", 0, [2]), ("specific", 1, [1]), ("specific", None, [0, 1, 2]), ("mean_softmax", 0, [0, 1, 2])],
)
@torch.no_grad()
def test_the_classifiers_that_are_asked_for_answer(head: Head, target: int | None, expected: list[int]) -> None:
    model, images = network(), torch.rand(2, 3, 16, 32)
    features = model.features(images)

    answers = Protocol(head, VIEWS, Options()).answers(model, images, target)

    assert torch.equal(answers, torch.stack([model.heads[index](features) for index in expected]))


def test_several_classifiers_decide_by_their_mean_probability() -> None:
    # Two are a little for class 0, one is very sure of class 1.
    logits = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 9.0]]).view(3, 1, 2, 1, 1)

    assert decided(logits, (2, 2)).unique().tolist() == [1]
    assert decided(logits[:1], (2, 2)).unique().tolist() == [0]


@pytest.mark.parametrize(("resolution", "size"), [("resized", (16, 64)), ("native", (32, 32))])
def test_labels_are_scored_at_the_size_that_is_asked_for(resolution: str, size: tuple[int, int]) -> None:
    options = Options.model_validate({"resolution": resolution, "batch_size": 2})

    (batch,) = split_batches(pictures(2), CHANNELS, VIEWS, options)

    assert batch.images.shape == (2, 3, 16, 64)
    assert batch.labels.shape[1:] == size


def test_means_leave_out_what_is_undefined() -> None:
    assert mean_iou(np.diag([3, 0, 2])) == 1
    assert mean_iou(np.array([[1, 1], [0, 0]])) == pytest.approx(0.25)
    assert mean_over([0.5, math.nan, 1.0]) == 0.75
    assert math.isnan(mean_over([math.nan]))
