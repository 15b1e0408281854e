"""Settings of the baselines of continual segmentation; defaults are the published ones (EIR 8). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from core.data.classes import ClassTable
from core.engine.sections import ConfigSection
from core.errors import Fault
from core.methods.base import MethodConfig
from core.methods.class_incremental.config import DataConfig, EvalConfig, Heads, ModelConfig, OptimConfig
from core.methods.class_incremental.idle_settings import OF_LATER_STEPS, ONE_STEP, crop_warnings, idle_beside_others
from core.methods.idle_settings import Idle, idle_settings
from core.metrics.rules import DecisionRule
from core.streams.base import TaskStream

InitNew = Literal["background", "random", "mib"]


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


class BaselineConfig(MethodConfig):
    """Settings that every baseline has."""

    lowered_on_divergence = ("optim.lr_base", "optim.lr_step")
    set_on_divergence = ("optim.clip_norm", "optim.warmup_iterations")
    decays_old_weights: ClassVar[bool] = True
    """Whether weight decay acts on all weights at steps 1 and later, or on the new head only."""
    of_later_steps: ClassVar[tuple[str, ...]] = ()
    """The method's own settings that play no part in a stream of one step."""

    model: ModelConfig = Field(default_factory=ModelConfig, description="Network.")
    data: DataConfig = Field(default_factory=DataConfig, description="Crop and augmentation.")
    optim: OptimConfig = Field(default_factory=OptimConfig, description="Optimisation.")
    init_new: InitNew = Field(
        "random",
        description="Start of new classes' heads: random, or a copy of the background's (background, mib).",
    )
    eval: EvalConfig = Field(default_factory=EvalConfig, description="Evaluation.")

    @property
    def heads(self) -> Heads:
        """Kind of the classifier's heads."""
        return "linear"

    def settings_after(self, step: int) -> tuple[str, ...]:
        """Return the settings that step 0 does not read; every later step reads all settings."""
        return (*OF_LATER_STEPS, *self.of_later_steps) if step == 0 else ()

    def testing_in_words(self, has_background: bool) -> str:
        """Return mode and rule of the evaluation in words."""
        return self.eval.in_words(self.data.crop_px, has_background=has_background)

    def idle(self, stream: TaskStream) -> Iterator[Idle]:
        """Yield the settings without effect, given the other settings and the task stream."""
        yield from idle_beside_others(self, stream)
        if stream.num_steps == 1:
            yield Idle(self.of_later_steps, ONE_STEP)

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:
        """Yield warnings about settings without effect, and evaluation settings that do not fit the dataset."""
        yield from idle_settings(self, self.idle(stream))
        yield from crop_warnings(self.data)
        yield from self.eval.warnings(has_background=classes.background_id is not None)


class SoftmaxConfig(BaselineConfig):
    """Settings of the methods that decide by the best of all channels, background included."""

    model: SoftmaxModelConfig = Field(default_factory=SoftmaxModelConfig, description="Network.")
    optim: BaselineOptimConfig = Field(default_factory=BaselineOptimConfig, description="Optimisation.")
    eval: SoftmaxEvalConfig = Field(default_factory=SoftmaxEvalConfig, description="Evaluation.")


class FinetuneConfig(SoftmaxConfig):
    """Settings of fine-tuning."""


class LwfConfig(SoftmaxConfig):
    """Settings of learning without forgetting."""

    of_later_steps = ("kd_weight",)

    kd_weight: float = Field(
        100.0, ge=0, le=1e4, description="Weight of distillation among the old channels; 0 leaves it out."
    )


class LwfMcConfig(SoftmaxConfig):
    """Settings of LwF with one sigmoid per channel."""

    of_later_steps = ("kd_weight",)

    kd_weight: float = Field(
        10.0, ge=0, le=1e4, description="Weight of the old channels' cross-entropy with the old model's probabilities."
    )


class IltConfig(SoftmaxConfig):
    """Settings of ILT."""

    of_later_steps = ("kd_weight", "feature_weight")

    kd_weight: float = Field(
        100.0, ge=0, le=1e4, description="Weight of distillation among the old channels; 0 leaves it out."
    )
    feature_weight: float = Field(
        100.0, ge=0, le=1e4, description="Weight of the squared difference of the encoders' outputs; 0 leaves it out."
    )


class MibConfig(SoftmaxConfig):
    """Settings of MiB."""

    of_later_steps = ("kd_weight",)

    kd_weight: float = Field(10.0, ge=0, le=1e4, description="Weight of the unbiased distillation; 0 leaves it out.")
    init_new: InitNew = Field(
        "mib", description="Start of new classes' heads: from the background's, shifted (mib) or not, or random."
    )


class PlopOptions(ConfigSection):
    """Local POD and pseudo labels."""

    feature_factor: float = Field(
        0.01, ge=0, le=1000, description="Weight of the pooled features of each stage of the encoder."
    )
    logit_factor: float = Field(0.0005, ge=0, le=1000, description="Weight of the pooled logits.")
    tap: Literal["pre", "post"] = Field(
        "pre", description="Features before the last ReLU of a stage, or after it as in the published code."
    )
    pseudo_labels: bool = Field(
        True, description="Label background pixels with the old model's class where it is certain, ignore the others."
    )
    code_compat: bool = Field(
        False, description="Entropy and thresholds as in the published code instead of the paper."
    )


class PlopConfig(SoftmaxConfig):
    """Settings of PLOP."""

    of_later_steps = ("plop",)

    plop: PlopOptions = Field(default_factory=PlopOptions, description="What PLOP distils and labels.")
    init_new: InitNew = Field(
        "mib", description="Start of new classes' heads: from the background's, shifted (mib) or not, or random."
    )

    def idle(self, stream: TaskStream) -> Iterator[Idle]:
        """Yield the settings without effect."""
        yield from super().idle(stream)
        if not self.plop.pseudo_labels:
            yield Idle(("plop.code_compat",), "plop.pseudo_labels is off, so there are no pseudo-labels")
        if self.plop.feature_factor == 0:
            yield Idle(("plop.tap",), "plop.feature_factor is 0, so no feature is distilled")


class EwcOptions(ConfigSection):
    """The penalty for leaving old weights."""

    weight: float = Field(500.0, ge=0, le=1e9, description="Weight λ of the penalty λ/2 · Σ F·(θ − θ*)².")
    fisher: Literal["last", "sum", "online"] = Field(
        "online",
        description="Whose importance of weights counts: that of the last step, the sum over all steps, or a sum in "
        "which earlier steps fade (online).",
    )
    decay: float = Field(0.9, ge=0, le=1, description="What stays of the fading sum with each step.")
    batches: int = Field(
        0, ge=0, le=1_000_000, description="Batches from which the importance is measured; 0 takes an epoch."
    )


class EwcConfig(SoftmaxConfig):
    """Settings of elastic weight consolidation."""

    of_later_steps = ("ewc",)

    ewc: EwcOptions = Field(default_factory=EwcOptions, description="Penalty for leaving old weights.")

    def settings_after(self, step: int) -> tuple[str, ...]:
        """Return the settings that step 0 does not read; it does measure the importance of its weights."""
        return (*OF_LATER_STEPS, "ewc.weight", "ewc.decay") if step == 0 else ()

    def idle(self, stream: TaskStream) -> Iterator[Idle]:
        """Yield the settings without effect."""
        yield from super().idle(stream)
        if self.ewc.weight == 0:
            yield Idle(("ewc",), "ewc.weight is 0, so there is no penalty", ("ewc.weight",))
        if self.ewc.fisher != "online":
            yield Idle(("ewc.decay",), "earlier steps fade only with ewc.fisher: online")
