"""The stages of the baselines: one per continual step. Each hands its model to the next. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.methods.class_incremental.step_plan import plan_steps
from core.methods.css_baselines.config import FinetuneConfig
from core.stage.spec import StageSpec
from core.streams.class_incremental import ClassIncrementalStream


def plan_stages(
    config: FinetuneConfig, stream: ClassIncrementalStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan; raise ConfigError for a step without images."""
    return plan_steps(stream, config.optim, images_per_step, ("model",))
