"""Settings shared by class-incremental methods: network, optimisation, data, test. Free of torch.

Field defaults are the published values of EIR on PASCAL VOC (EIR 2.4, 5 and 6) unless a method overrides them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from core.engine.sections import ConfigSection
from core.errors import ConfigError, Fault
from core.metrics.rules import DecisionRule
from core.server_path import ServerPath

Heads = Literal["linear", "deep", "deep_unknown"]
"""Heads of a classifier: 1x1 convolutions, these behind a 3x3 one each, or so with one more head for the unknown."""


class ModelConfig(ConfigSection):
    """Which network, and how it is normalised and initialised."""

    name: Literal["tiny", "deeplabv3_resnet18", "deeplabv3_resnet50", "deeplabv3_resnet101"] = Field(
        "deeplabv3_resnet101", description="Network: a 0.2 M-parameter encoder for CPUs, or DeepLabV3 on a ResNet."
    )
    output_stride: Literal[8, 16] = Field(16, description="Input side divided by feature side.")
    norm: Literal["bn", "leaky_bn"] = Field(
        "bn",
        description="Batch norm and ReLU; or batch norm and leaky ReLU 0.01 as in in-place activated batch norm, whose "
        "layers are dilated whole.",
    )
    detach_background_head: bool = Field(True, description="Head 0 (background) sends no gradient into the trunk.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Dropout before the last convolution of the ASPP.")
    backbone_weights: ServerPath | None = Field(
        None, description="File with ImageNet weights of the backbone (torchvision names); none trains from random."
    )


class OptimConfig(ConfigSection):
    """SGD with the learning rates and schedule of one step."""

    lr_base: float = Field(1e-3, gt=0, le=10, description="Learning rate of the backbone at step 0.")
    lr_step: float = Field(1e-4, gt=0, le=10, description="Learning rate of the backbone at steps 1 and later.")
    head_lr_factor: float = Field(
        10.0, gt=0, le=1000, description="Learning rate of ASPP and heads over the backbone's."
    )
    momentum: float = Field(0.9, ge=0, lt=1, description="SGD momentum.")
    nesterov: bool = Field(True, description="Nesterov momentum.")
    weight_decay: float = Field(1e-4, ge=0, le=1, description="Weight decay (step >= 1: of the new head only).")
    batch_size: int = Field(
        32, ge=1, le=1024, description="Images an iteration; lowered to the data where that is smaller."
    )
    epochs: int = Field(60, ge=1, le=10_000, description="Passes over a step's data; ignored when iterations is set.")
    iterations: int | None = Field(None, ge=1, le=10_000_000, description="Iterations a step instead of epochs.")
    poly_power: float = Field(0.9, gt=0, le=10, description="Power of the polynomial decay.")
    warmup_iterations: int = Field(
        0, ge=0, le=1_000_000, description="Linear warm-up at steps 1 and later, in iterations; 0 is off."
    )
    warmup_fraction: float = Field(
        0.0, ge=0, lt=1, description="Linear warm-up at every step, as a share of its iterations; 0 is off."
    )
    constant_ending: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Learning rate at which the decay stops, as a share of the first one; 0 decays to the end.",
    )
    clip_norm: float | None = Field(None, gt=0, description="Clip the gradient's norm to this; off by default.")
    freeze_bn: bool = Field(True, description="Fix batch-norm statistics and affine parameters at steps 1 and later.")

    @model_validator(mode="after")
    def _nesterov_has_momentum(self) -> OptimConfig:
        if self.nesterov and self.momentum == 0:
            raise ValueError(
                "nesterov needs a momentum over 0; set nesterov: false with momentum: 0, or give a momentum"
            )
        return self

    def require_warmup_fits(self, iterations: int, step_index: int) -> None:
        """Raise ConfigError if the warm-up is longer than the step. Step 0 has no warm-up."""
        if step_index and not self.warmup_fraction and self.warmup_iterations > iterations:
            raise ConfigError(
                f"a warm-up of {self.warmup_iterations} iterations does not fit into a step of {iterations}; lower "
                "optim.warmup_iterations",
                "/config/optim/warmup_iterations",
            )


class DataConfig(ConfigSection):
    """Crop and augmentation of training images."""

    crop_px: int = Field(512, ge=16, le=4096, description="Side of the square training crop, in pixels.")
    area_min: float = Field(0.5, gt=0, le=4, description="Smallest crop area as a share of the image.")
    area_max: float = Field(
        2.0, gt=0, le=4, description="Largest crop area as a share of the image; over 1 never fits."
    )
    flip: bool = Field(True, description="Flip half of the images horizontally.")
    cache_mib: int = Field(
        512, ge=0, le=1_048_576, description="Memory for decoded images, in MiB; 0 decodes every time."
    )


_RULES: Mapping[DecisionRule, str] = {
    "threshold": "the best class, or background where none exceeds probability 0.5",
    "argmax_all": "the best of background and classes",
    "best_class": "the best class",
}


class EvalConfig(ConfigSection):
    """How a step is tested on all classes seen so far."""

    published_rule: ClassVar[DecisionRule] = "threshold"
    """The publication's rule on data with a background."""

    mode: Literal["crop", "whole", "full"] = Field(
        "crop",
        description="Centre crop of crop_px (published); the whole image with its shorter side at crop_px, as large "
        "things as in training (whole); or the whole image at its own size (full).",
    )
    rule: Literal["auto", "threshold", "argmax_all", "best_class"] = Field(
        "auto",
        description="Background where no class exceeds probability 0.5 (threshold), the best of all channels "
        "(argmax_all), or the best class (best_class). auto takes the publication's rule where the data have a "
        "background, and best_class where every pixel has a class.",
    )
    batch_size: int = Field(16, ge=1, le=1024, description="Images at a time.")
    panel_images: int = Field(
        8, ge=0, le=64, description="Test images whose predictions are kept after every step; 0 keeps none."
    )

    def warnings(self, *, has_background: bool) -> Iterator[Fault]:
        """Yield a warning if the rule can predict background but the data have none."""
        if self.rule in ("threshold", "argmax_all") and not has_background:
            message = (
                f"the rule {self.rule} can answer background, which these data have not; such pixels always count as "
                "wrong. Leave the rule at auto, or take best_class"
            )
            yield Fault("/config/eval/rule", message, "background_that_is_not_there")

    def in_words(self, crop_px: int, *, has_background: bool) -> str:
        """Return mode and rule in the words of score tables."""
        mode = {
            "crop": f"a centre crop of {crop_px} px",
            "whole": f"the whole image, its shorter side at {crop_px} px",
            "full": "the whole image at its own size",
        }[self.mode]
        rule = self.decision_rule(has_background)
        return f"tested on {mode} (mode {self.mode}); a pixel gets {_RULES[rule]} (rule {rule})"

    def decision_rule(self, has_background: bool) -> DecisionRule:
        """Return the rule for data with or without a background."""
        if self.rule != "auto":
            return self.rule
        return self.published_rule if has_background else "best_class"
