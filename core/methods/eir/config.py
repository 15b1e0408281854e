"""Settings of EIR; the defaults are the published values for PASCAL VOC (EIR 4 and 5). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field, model_validator

from core.data.classes import ClassTable
from core.engine.sections import ConfigSection
from core.errors import ConfigError, Fault
from core.methods.base import MethodConfig
from core.methods.class_incremental.config import DataConfig, EvalConfig, Heads, ModelConfig, OptimConfig
from core.methods.class_incremental.idle_settings import OF_LATER_STEPS, crop_warnings
from core.methods.eir.idle_settings import idle_of
from core.methods.eir.options import MemoryOptions, PasteOptions, PseudoLabelOptions
from core.methods.idle_settings import idle_settings
from core.streams.base import KnownDataset, TaskStream

CROWDED = 2.5
"""Mean number of new classes per image above which hardly any image shows each class as one blob."""


class DistillationOptions(ConfigSection):
    """What keeps the old model's answers."""

    weight: float = Field(5.0, ge=0, le=1000, description="Weight of the distillation loss; 0 leaves it out.")
    mode: Literal["rskd", "unbiased", "sigmoid", "none"] = Field(
        "rskd",
        description="Region-specific (rskd), the background shared with new classes everywhere as in MiB (unbiased), "
        "by channel as in DKD (sigmoid), or none.",
    )
    alpha: float = Field(1.0, gt=0, le=100, description="Sharpness of the old model's softmax.")
    rest: bool = Field(True, description="Distil outside the new classes' regions too (rskd only).")


class LossOptions(ConfigSection):
    """Weights of the losses against labels."""

    mbce: float = Field(1.0, gt=0, le=1000, description="Weight of the binary cross-entropy over all channels.")
    ac: float = Field(
        0.0, ge=0, le=1000, description="Weight of the auxiliary loss that keeps the background's channel low (DKD)."
    )
    pos_weight: float = Field(
        1.0, gt=0, le=1000, description="Factor of the positive term of the step's new classes; 1 is off."
    )
    pos_weight_base: float | None = Field(
        None, gt=0, le=1000, description="The same factor at step 0; none takes loss.pos_weight."
    )
    fc: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="Weight of clustering: features near the running mean of their class (fc). 0 leaves it out.",
    )
    fs: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="Weight of separation: class means of a batch far from each other (fs). 0 leaves it out.",
    )
    fs_margin: float = Field(
        2.0, gt=0, le=4, description="Cosine distance from which two class means cost nothing; 2 is the largest."
    )
    intra_class: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="Weight of keeping each old class's features placed around their mean as in the old model; steps 1 "
        "and later. 0 leaves it out.",
    )
    lovasz: float = Field(
        0.0, ge=0, le=1000, description="Weight of a Lovász loss, a surrogate of the IoU. 0 leaves it out."
    )
    lovasz_form: Literal["softmax", "hinge"] = Field(
        "softmax", description="Lovász-softmax over all channels, or the hinge of each channel against the others."
    )
    lovasz_classes: Literal["present", "all"] = Field(
        "present", description="The mean of Lovász-softmax counts the labelled classes, or all channels."
    )
    lovasz_per_image: bool = Field(
        False, description="Take the Lovász loss of each image; otherwise that of the batch as one image."
    )

    def pos_weight_at(self, step_index: int) -> float:
        """Return the factor of the positive term at a step."""
        return self.pos_weight if step_index or self.pos_weight_base is None else self.pos_weight_base


class EirConfig(MethodConfig):
    """Settings of EIR."""

    lowered_on_divergence = ("optim.lr_base", "optim.lr_step")
    set_on_divergence = ("optim.clip_norm", "optim.warmup_iterations")

    model: ModelConfig = Field(default_factory=ModelConfig, description="Network.")
    data: DataConfig = Field(default_factory=DataConfig, description="Crop and augmentation.")
    optim: OptimConfig = Field(default_factory=OptimConfig, description="Optimisation.")
    memory: MemoryOptions = Field(default_factory=MemoryOptions, description="Replay memory.")
    paste: PasteOptions = Field(default_factory=PasteOptions, description="Blending of stored instances.")
    pseudo_labels: PseudoLabelOptions = Field(
        default_factory=PseudoLabelOptions, description="Old classes in new images."
    )
    kd: DistillationOptions = Field(default_factory=DistillationOptions, description="Distillation.")
    loss: LossOptions = Field(default_factory=LossOptions, description="Losses against labels.")
    init_new: Literal["background", "random", "mib"] = Field(
        "background",
        description="Start of new classes' heads: a copy of the background's (background, mib), or random.",
    )
    eval: EvalConfig = Field(default_factory=EvalConfig, description="Evaluation.")

    @model_validator(mode="after")
    def _cell_fits_crop(self) -> EirConfig:
        try:
            self.paste.cell_px(self.data.crop_px)
        except ConfigError as error:
            raise ValueError(error.message) from error
        return self

    @property
    def heads(self) -> Heads:
        """Kind of the classifier's heads."""
        return "linear"

    def settings_after(self, step: int) -> tuple[str, ...]:
        """Return the settings that step 0 does not read; it does fill the memory."""
        return (*OF_LATER_STEPS, "paste", "pseudo_labels", "kd", "loss.intra_class") if step == 0 else ()

    def testing_in_words(self, has_background: bool) -> str:
        """Return mode and rule of the evaluation in words."""
        return self.eval.in_words(self.data.crop_px, has_background=has_background)

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:
        """Yield warnings about settings without effect, and about a memory too small for the classes to keep.

        The classes to keep are those of all steps but the last.
        """
        yield from idle_settings(self, idle_of(self, stream))
        yield from crop_warnings(self.data)
        yield from self.eval.warnings(has_background=classes.background_id is not None)
        size, to_keep = self.memory.size, sum(len(step) for step in stream.classes_per_step[:-1])
        if size and size < to_keep:
            message = (
                f"{size} kept instances cannot show each of the {to_keep} classes that the last step must not forget"
            )
            yield Fault("/config/memory/size", message, "memory_smaller_than_classes")

    def image_warnings(self, stream: TaskStream, known: Mapping[str, KnownDataset]) -> Iterator[Fault]:
        """Yield warnings if the images cannot fill the memory, or if its filter will reject nearly all of them."""
        kept_from = [step for step in stream.preview(known).steps[:-1] if step.images is not None]
        images = sum(step.images or 0 for step in kept_from)
        if kept_from and images < self.memory.size:
            message = (
                f"the steps before the last have {images} training images, each of which gives one instance at most: "
                f"the memory cannot hold {self.memory.size}; lower memory.size"
            )
            yield Fault("/config/memory/size", message, "memory_larger_than_images")
        shown = sum(sum(step.images_per_class or ()) for step in kept_from)
        if self.memory.size and self.memory.filter == "image" and images and shown > CROWDED * images:
            message = (
                f"an image of these steps shows {shown / images:.1f} of its step's classes on average, and this filter "
                "keeps an image only if each of them is one connected blob: hardly any image will pass, and nothing "
                "is replayed then; set memory.filter: class and memory.speck_px: 50"
            )
            yield Fault("/config/memory/filter", message, "memory_filter_too_strict")
