"""The stages of the baselines: one per continual step, each of which hands its outputs to the next. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.methods.class_incremental.step_plan import plan_steps
from core.methods.css_baselines.config import BaselineConfig
from core.methods.css_baselines.dkd_config import DkdMConfig
from core.methods.css_baselines.ssul_config import SsulMConfig
from core.stage.spec import StageSpec
from core.streams.class_incremental import ClassIncrementalStream


def plan_stages(
    config: BaselineConfig, stream: ClassIncrementalStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan of a method that hands on its model; raise ConfigError for a step without images."""
    return plan_steps(stream, config.optim, images_per_step, ("model",))


def plan_replay(
    config: DkdMConfig, stream: ClassIncrementalStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan of a method that also hands on a memory of images, which join the images of later steps."""
    return plan_steps(stream, config.optim, images_per_step, ("model", "memory"), replayed=config.memory.size)


def plan_half_replay(
    config: SsulMConfig, stream: ClassIncrementalStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan of a method that also hands on a memory of images, which replace half of each later batch."""
    return plan_steps(stream, config.optim, images_per_step, ("model", "memory"))


def plan_ewc(
    config: BaselineConfig, stream: ClassIncrementalStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan of EWC, which also hands on the importance of its weights."""
    return plan_steps(stream, config.optim, images_per_step, ("model", "importance"))
