"""The stages of EIR: one per continual step. Each hands model and memory to the next. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.methods.class_incremental.step_plan import plan_steps
from core.methods.eir.config import EirConfig
from core.stage.spec import StageSpec
from core.streams.class_incremental import ClassIncrementalStream


def plan_stages(
    config: EirConfig, stream: ClassIncrementalStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan; raise ConfigError for a step without images."""
    return plan_steps(stream, config.optim, images_per_step, ("model", "memory"), replayed=config.memory.size)
