"""A step of a baseline on the tiny network, without data."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import torch

from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import ModelConfig
from core.methods.css_baselines.learner import Learner
from core.streams.step import Step

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
