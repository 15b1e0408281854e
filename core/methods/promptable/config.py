"""The settings that methods on frozen SAM share; defaults are the published ones (CoSAM 3, 5, 6). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from core.data.classes import ClassTable
from core.engine.sections import ConfigSection
from core.errors import ConfigError, Fault
from core.methods.base import MethodConfig
from core.methods.idle_settings import Idle, idle_settings
from core.server_path import ServerPath
from core.streams.base import TaskStream

BEST_LR = (1e-2, 1e-2, 3e-3, 3e-2, 3e-2, 3e-2, 3e-2, 3e-2)
"""Published learning rate of each domain as the benchmark lists them."""
PROMPTS: tuple[Literal["box", "points", "noise_mask"], ...] = ("box", "points", "noise_mask")
EARLY_LABELS: dict[str, JsonValue] = {
    "windowed": "windowed: the first block that attends globally",
    "reference": "as the published code: all blocks attend globally, block 0",
}


class SamModelConfig(ConfigSection):
    """Which SAM, and with which weights."""

    backbone: Literal["vit_b", "vit_l", "vit_h", "tiny"] = Field(
        "vit_b", description="Size of SAM; tiny has 0.1 M parameters, for CPUs."
    )
    checkpoint: ServerPath | None = Field(
        None, description="Weights of SAM, or of HQ-SAM with its head; none starts from random weights."
    )
    head_checkpoint: ServerPath | None = Field(
        None, description="Decoder of HQ-SAM, whose head every domain starts from; none starts from the checkpoint's."
    )
    early_feature: Literal["windowed", "reference"] = Field(
        "windowed",
        description="Which early feature the head takes from the image encoder.",
        json_schema_extra={"x-labels": EARLY_LABELS},
    )
    random_seed: int = Field(0, ge=0, lt=2**31, description="Seed of SAM's random weights, where it has no checkpoint.")


class ViewConfig(ConfigSection):
    """Views of training images, and what SAM is asked with."""

    scale_min: float = Field(0.1, gt=0, le=10, description="Smallest longer side of a view over the encoder's side.")
    scale_max: float = Field(2.0, gt=0, le=10, description="Largest longer side of a view over the encoder's side.")
    flip: bool = Field(True, description="Flip half of the images horizontally.")
    jitter_retry: int = Field(
        10,
        ge=0,
        le=100,
        description="Draws of a view until it shows foreground, before the whole image is taken; 0 learns from empty "
        "views, as the published code.",
    )
    prompts: tuple[Literal["box", "points", "noise_mask"], ...] = Field(
        PROMPTS, min_length=1, max_length=3, description="Prompts of training; each image draws one of them."
    )
    points: int = Field(10, ge=1, le=100, description="Points of a prompt of points.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.scale_min > self.scale_max:
            raise ValueError(f"scale_min {self.scale_min:g} is over scale_max {self.scale_max:g}")
        if len(set(self.prompts)) < len(self.prompts):
            raise ValueError("a prompt is listed twice; each is drawn equally often")
        return self


class SamOptimConfig(ConfigSection):
    """Adam over what a domain learns."""

    lr: float = Field(1e-3, gt=0, le=10, description="Learning rate.")
    domain_lr: tuple[Annotated[float, Field(gt=0, le=10)], ...] = Field(
        (), max_length=32, description="Learning rate of each domain as the stream lists them, instead of `lr`."
    )
    best_lr: bool = Field(False, description="Published learning rate of each of the benchmark's eight domains.")
    lr_drop_epoch: int = Field(
        10, ge=0, le=10_000, description="Epochs after which the learning rate falls to a tenth; 0 keeps it."
    )
    epochs: int = Field(24, ge=1, le=10_000, description="Passes over a domain's images; ignored with iterations.")
    iterations: int | None = Field(None, ge=1, le=10_000_000, description="Iterations a domain instead of epochs.")
    batch_size: int = Field(4, ge=1, le=1024, description="Images an iteration.")
    points: int = Field(12_544, ge=4, le=1_000_000, description="Points of each mask on which the loss is computed.")
    clip_norm: float | None = Field(None, gt=0, description="Clip the gradient's norm to this; off by default.")

    @model_validator(mode="after")
    def _one_table(self) -> Self:
        if self.best_lr and self.domain_lr:
            raise ValueError("best_lr and domain_lr both say the learning rates of domains; leave one out")
        return self

    def rate_of(self, place: int, num_domains: int) -> float:
        """Return the learning rate of a domain by its place in the stream's list.

        Raises:
            ConfigError: when a table has another number of domains.
        """
        name, rates = ("best_lr", BEST_LR) if self.best_lr else ("domain_lr", self.domain_lr)
        if not rates:
            return self.lr
        if len(rates) != num_domains:
            raise ConfigError(
                f"{name} has {len(rates)} rates, and the stream lists {num_domains} domains; give as many",
                f"/config/optim/{name}",
            )
        return rates[place]


class SamEvalConfig(ConfigSection):
    """Tests of a model on every domain."""

    prompt: Literal["box", "points", "noise_mask"] = Field("box", description="What SAM is asked with in tests.")
    output: Literal["hq", "sum"] = Field(
        "hq",
        description="Which mask is scored.",
        json_schema_extra={"x-labels": {"hq": "the head's", "sum": "the head's and SAM's, added, as HQ-SAM shows it"}},
    )
    batch_size: int = Field(4, ge=1, le=256, description="Images a batch.")
    panel_images: int = Field(4, ge=0, le=30, description="Test images of each domain whose predictions are kept.")


class FeatureConfig(ConfigSection):
    """Features of test images, which are kept on disk."""

    precision: Literal["half", "float", "off"] = Field(
        "half", description="How they are kept; half changes an IoU by less than 0.002, off encodes every time."
    )
    limit_mib: int = Field(20_480, ge=1, le=10_000_000, description="Size above which the oldest are removed, in MiB.")


class PromptableConfig(MethodConfig):
    """What all methods on frozen SAM have."""

    model: SamModelConfig = Field(default_factory=SamModelConfig, description="Network.")
    eval: SamEvalConfig = Field(default_factory=SamEvalConfig, description="Tests.")
    features: FeatureConfig = Field(default_factory=FeatureConfig, description="Kept features of test images.")

    def idle(self) -> Iterator[Idle]:
        """Yield what plays no part as the other settings stand; a method adds rows of its own."""
        if self.model.checkpoint is not None:
            yield Idle(("model.random_seed",), "model.checkpoint gives SAM's weights")
        if self.features.precision == "off":
            yield Idle(("features.limit_mib",), "features.precision is off, so none are kept")

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:  # noqa: ARG002 - of the settings
        """Yield warnings about settings without effect."""
        yield from idle_settings(self, self.idle())

    def testing_in_words(self, has_background: bool) -> str:  # noqa: ARG002 - masks always have one
        """Return how models are tested."""
        prompts = {"box": "the box of the mask", "points": "points of the mask", "noise_mask": "the mask with noise"}
        return f"each image whole, asked with {prompts[self.eval.prompt]}; foreground above 0"


class TrainedConfig(PromptableConfig):
    """What methods have that train something."""

    lowered_on_divergence = ("optim.lr",)
    set_on_divergence = ("optim.clip_norm",)

    data: ViewConfig = Field(default_factory=ViewConfig, description="Views and prompts of training images.")
    optim: SamOptimConfig = Field(default_factory=SamOptimConfig, description="Optimisation.")

    def idle(self) -> Iterator[Idle]:
        """Yield what plays no part as the other settings stand."""
        yield from super().idle()
        if self.optim.iterations is not None:
            yield Idle(("optim.epochs",), "optim.iterations replaces the epochs")
        if self.optim.best_lr or self.optim.domain_lr:
            yield Idle(("optim.lr",), "every domain has a rate of its own in optim.best_lr or optim.domain_lr")
        if "points" not in self.data.prompts:
            yield Idle(("data.points",), "data.prompts does not name points")
