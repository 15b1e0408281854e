"""The stages of the toy: a training for each domain. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.stage.spec import StageKind, StageSpec
from tests.support.toy.config import ToyConfig
from tests.support.toy.stream import DOMAINS, TwoDomains

MODEL = "model"


def plan_stages(config: ToyConfig, stream: TwoDomains, images_per_step: Sequence[int] | None = None) -> list[StageSpec]:
    """Return the plan; the second domain takes the model of the first."""
    return [
        StageSpec(
            index=index,
            name=f"train-{name}",
            kind=StageKind.TRAIN,
            step=index,
            noun=stream.noun,
            inputs={MODEL: f"{index - 1}/{MODEL}"} if index else {},
            total_iterations=config.iterations,
            images=None if images_per_step is None else images_per_step[index],
        )
        for index, name in enumerate(DOMAINS)
    ]
