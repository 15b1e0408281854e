"""Settings of class-incremental methods that have no effect beside other settings. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from core.errors import Fault
from core.methods.class_incremental.config import DataConfig, ModelConfig, OptimConfig
from core.methods.idle_settings import Idle
from core.streams.base import TaskStream

OF_LATER_STEPS = ("optim.lr_step", "optim.warmup_iterations", "optim.freeze_bn", "init_new")
ONE_STEP = "the stream has one step, and this is of the steps after the first"


class StepSettings(Protocol):
    """The settings with which a method trains every step."""

    @property
    def model(self) -> ModelConfig: ...
    @property
    def data(self) -> DataConfig: ...
    @property
    def optim(self) -> OptimConfig: ...


def idle_beside_others(config: StepSettings, stream: TaskStream) -> Iterator[Idle]:
    """Yield the settings without effect, given the network, the training length and the task stream."""
    if config.model.name == "tiny":
        yield Idle(
            ("model.output_stride", "model.dropout"), "the tiny network always has stride 8 and no dropout in its trunk"
        )
    if config.optim.iterations is not None:
        yield Idle(("optim.epochs",), "optim.iterations replaces the epochs")
    if config.optim.warmup_fraction > 0:
        yield Idle(("optim.warmup_iterations",), "optim.warmup_fraction gives the warm-up of every step")
    if stream.num_steps == 1:
        yield Idle(OF_LATER_STEPS, ONE_STEP)


def crop_warnings(data: DataConfig) -> Iterator[Fault]:
    """Yield warnings about random-crop bounds that leave no choice."""
    if data.area_min > data.area_max:
        message = f"the smallest crop, {data.area_min:g} of the image, is larger than the largest, {data.area_max:g}"
        yield Fault("/config/data/area_min", message, "bounds_swapped")
    elif data.area_min > 1:
        message = f"no crop of {data.area_min:g} times the image fits into it, so every crop is the centred one"
        yield Fault("/config/data/area_min", message, "never_fits")
