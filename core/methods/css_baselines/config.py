"""Settings of the baselines of continual segmentation; defaults are the published ones (EIR 8). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from core.data.classes import ClassTable
from core.errors import Fault
from core.methods.base import MethodConfig
from core.methods.class_incremental.config import DataConfig, EvalConfig, ModelConfig, OptimConfig
from core.methods.class_incremental.idle_settings import crop_warnings, idle_beside_others
from core.methods.idle_settings import idle_settings
from core.metrics.rules import DecisionRule
from core.streams.base import TaskStream


class SoftmaxModelConfig(ModelConfig):
    """Network of the softmax methods."""

    detach_background_head: bool = Field(
        False,
        description="Head 0 (background) sends no gradient into the trunk; softmax methods train it as any other.",
    )


class BaselineOptimConfig(OptimConfig):
    """Optimisation of the softmax methods on PASCAL VOC: one rate for the whole network, batch norm trained."""

    lr_base: float = Field(1e-2, gt=0, le=10, description="Learning rate at step 0.")
    lr_step: float = Field(1e-3, gt=0, le=10, description="Learning rate at steps 1 and later.")
    head_lr_factor: float = Field(
        1.0, gt=0, le=1000, description="Learning rate of ASPP and heads over the backbone's."
    )
    weight_decay: float = Field(1e-4, ge=0, le=1, description="Weight decay of all weights, at every step.")
    batch_size: int = Field(
        24, ge=1, le=1024, description="Images an iteration; lowered to the data where that is smaller."
    )
    epochs: int = Field(30, ge=1, le=10_000, description="Passes over a step's data; ignored when iterations is set.")
    freeze_bn: bool = Field(False, description="Fix batch-norm statistics and affine parameters at steps 1 and later.")


class SoftmaxEvalConfig(EvalConfig):
    """Evaluation of the softmax methods."""

    published_rule: ClassVar[DecisionRule] = "argmax_all"


class FinetuneConfig(MethodConfig):
    """Settings of fine-tuning."""

    lowered_on_divergence = ("optim.lr_base", "optim.lr_step")
    set_on_divergence = ("optim.clip_norm", "optim.warmup_iterations")

    model: SoftmaxModelConfig = Field(default_factory=SoftmaxModelConfig, description="Network.")
    data: DataConfig = Field(default_factory=DataConfig, description="Crop and augmentation.")
    optim: BaselineOptimConfig = Field(default_factory=BaselineOptimConfig, description="Optimisation.")
    init_new: Literal["background", "random", "mib"] = Field(
        "random",
        description="Start of new classes' heads: random, or a copy of the background's (background, mib).",
    )
    eval: SoftmaxEvalConfig = Field(default_factory=SoftmaxEvalConfig, description="Evaluation.")

    def testing_in_words(self, has_background: bool) -> str:
        """Return mode and rule of the evaluation in words."""
        return self.eval.in_words(self.data.crop_px, has_background=has_background)

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:
        """Yield warnings about settings without effect, and evaluation settings that do not fit the dataset."""
        yield from idle_settings(self, idle_beside_others(self, stream))
        yield from crop_warnings(self.data)
        yield from self.eval.warnings(has_background=classes.background_id is not None)
