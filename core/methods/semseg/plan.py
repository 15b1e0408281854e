"""The stages of SemSeg: one training, and one evaluation on every test set. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.methods.semseg.config import DetectorConfig
from core.stage.spec import StageKind, StageSpec
from core.streams.open_set import OpenSetStream

MODEL = "model"
"""Output of the training, and input of the evaluation."""


def plan_stages(
    config: DetectorConfig, stream: OpenSetStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan."""
    images = None if images_per_step is None else images_per_step[0]
    train = StageSpec(
        index=0,
        name="train",
        kind=StageKind.TRAIN,
        step=0,
        noun=stream.noun,
        total_iterations=config.iterations,
        images=images,
    )
    evaluate = StageSpec(
        index=1,
        name="evaluate",
        kind=StageKind.EVALUATE,
        step=0,
        noun=stream.noun,
        inputs={MODEL: f"0/{MODEL}"},
    )
    return [train, evaluate]
