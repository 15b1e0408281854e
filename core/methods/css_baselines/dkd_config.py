"""Settings of DKD and DKD-M; defaults are the published ones for PASCAL VOC (EIR 8.7). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from core.engine.sections import ConfigSection
from core.methods.class_incremental.idle_settings import ONE_STEP
from core.methods.css_baselines.config import BaselineConfig, InitNew
from core.methods.idle_settings import Idle
from core.streams.base import TaskStream

_OF_OLD = ("loss.kd", "loss.positive", "loss.negative", "loss.pos_weight_step")


class DkdLossOptions(ConfigSection):
    """Weights of DKD's terms."""

    mbce: float = Field(1.0, gt=0, le=1000, description="Weight of the binary cross-entropy of the step's classes.")
    kd: float = Field(
        5.0, ge=0, le=1000, description="Weight of distilling the old classes' sigmoids; 0 leaves it out."
    )
    positive: float = Field(
        5.0, ge=0, le=1000, description="Weight of distilling the evidence for each old class; 0 leaves it out."
    )
    negative: float = Field(
        5.0, ge=0, le=1000, description="Weight of distilling the evidence against each old class; 0 leaves it out."
    )
    ac: float = Field(
        1.0, ge=0, le=1000, description="Weight of keeping the auxiliary channel low; new heads start from it."
    )
    pos_weight_base: float = Field(2.0, gt=0, le=1000, description="Factor of the positive term at step 0.")
    pos_weight_step: float = Field(1.0, gt=0, le=1000, description="Factor of the positive term at later steps.")

    def pos_weight(self, step_index: int) -> float:
        """Return the factor of the positive term at a step."""
        return self.pos_weight_step if step_index else self.pos_weight_base


class DkdConfig(BaselineConfig):
    """Settings of DKD."""

    decays_old_weights: ClassVar[bool] = False
    of_later_steps: ClassVar[tuple[str, ...]] = _OF_OLD

    loss: DkdLossOptions = Field(default_factory=DkdLossOptions, description="Terms of the loss.")
    init_new: InitNew = Field(
        "background",
        description="Start of new classes' heads: a copy of the auxiliary channel's (background, mib), or random.",
    )


class ImageMemoryOptions(ConfigSection):
    """Which whole images are kept."""

    size: int = Field(100, ge=0, le=100_000, description="Images kept, all classes together; 0 turns replay off.")
    threshold: float = Field(
        0.9,
        ge=0,
        le=1,
        description="Least probability at which the model's old class counts as shown in an image of a later step.",
    )


class DkdMConfig(DkdConfig):
    """Settings of DKD with a memory of images."""

    memory: ImageMemoryOptions = Field(default_factory=ImageMemoryOptions, description="Images that are kept.")

    def idle(self, stream: TaskStream) -> Iterator[Idle]:
        """Yield the settings without effect."""
        yield from super().idle(stream)
        yield from idle_of_memory(self.memory, stream)


def idle_of_memory(memory: ImageMemoryOptions, stream: TaskStream) -> Iterator[Idle]:
    """Yield the settings of a memory of images without effect."""
    if stream.num_steps == 1:
        yield Idle(("memory",), ONE_STEP)
    if memory.size == 0:
        yield Idle(("memory",), "memory.size is 0, so nothing is kept or replayed", ("memory.size",))
    if stream.num_steps < 3:
        yield Idle(("memory.threshold",), "it counts from the third step on, and the stream has fewer")
