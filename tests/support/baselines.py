"""A step of a baseline on the tiny network, and a batch; nothing is read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import torch
from torch import Tensor

from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import ModelConfig
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.css_baselines.learner import Learner
from core.streams.step import Step

SIDE, NUM_OLD = 32, 2
"""Two old channels, background and class 1; class 2 is new."""
CPU = torch.device("cpu")
TINY = ModelConfig(name="tiny", detach_background_head=False)


def learner_of(config: Any, step: int = 1) -> Learner[Any]:
    """A learner at the base step, with channels 0 and 1, or at the next one, with channel 2 besides."""
    old_model = build_model(TINY, (1,), seed=2).eval().requires_grad_(False) if step else None
    return Learner(
        context=cast(Any, SimpleNamespace(config=config, device=CPU)),
        step=Step(index=step, old_classes=(1,) * step, new_classes=(2,)),
        model=build_model(TINY, (1,) * (step + 1), seed=1).eval(),
        old_model=old_model,
        items=cast(Any, None),
        batches=cast(Any, None),
        dtype=torch.float32,
    )


def batch(new_channel: int = 2) -> tuple[Tensor, Tensor]:
    images = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(2, SIDE, SIDE, dtype=torch.int64)
    labels[:, 18:28, 18:28] = new_channel
    labels[1, :4] = 255
    return images, labels


def logits_of(learner: Learner[Any]) -> tuple[Tensor, Tensor]:
    assert learner.old_model is not None
    images, _ = batch()
    return learner.model(images), cast(SegmentationModel, learner.old_model)(images)


def pixels(maps: Tensor) -> Tensor:
    """(P, C) of (B, C, H, W)."""
    return maps.movedim(1, -1).flatten(0, -2)
