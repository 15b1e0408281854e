from __future__ import annotations

import pytest
import torch

from core.methods.semseg.config import SemsegConfig
from core.methods.semseg.data import DetectionBatch
from core.methods.semseg.iteration import TrainingIteration
from core.methods.semseg.networks import build_detector
from core.models.openset.truth import TaughtObjects
from tests.support.open_set import CONFIG

NONE = TaughtObjects(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), bitmaps=torch.zeros(0, 64, 64))


def iteration_of(**sections: object) -> TrainingIteration:
    config = SemsegConfig.model_validate({**CONFIG, **sections})
    model = build_detector(config.model, 2, seed=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    return TrainingIteration(model, optimizer, config, torch.device("cpu"))


def batch_of(*truths: TaughtObjects) -> DetectionBatch:
    images = torch.randn(len(truths), 3, 64, 64, generator=torch.Generator().manual_seed(0))
    return DetectionBatch(images, [(64, 64)] * len(truths), list(truths), torch.arange(len(truths)).numpy())


def test_images_without_any_object_have_finite_losses_and_no_mask() -> None:
    values = iteration_of()(batch_of(NONE, NONE), 0)

    assert all(torch.isfinite(value) for value in values.values())
    for name in ("proposal_box", "box", "iou", "mask"):
        assert values[f"loss_{name}"] == 0
    assert values["loss_classes"] > 0


@pytest.mark.parametrize("name", ["iou", "smooth_l1", "giou", "diou", "ciou"])
def test_every_box_loss_trains_both_heads(name: str) -> None:
    box = torch.tensor([[10.0, 12, 40, 44]])
    truth = TaughtObjects(box, torch.tensor([1]), bitmaps=torch.ones(1, 64, 64, dtype=torch.uint8))
    sections = {"proposals": {**CONFIG["proposals"], "box_loss": name}, "regions": {"per_image": 16, "box_loss": name}}

    values = iteration_of(**sections)(batch_of(truth, NONE), 0)

    assert all(torch.isfinite(value) for value in values.values())
    assert values["loss_proposal_box"] > 0
    assert values["loss_box"] > 0
