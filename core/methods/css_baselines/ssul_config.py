"""Settings of SSUL and SSUL-M; defaults are the published ones for PASCAL VOC (EIR 8.6). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from core.data.classes import ClassTable
from core.engine.sections import ConfigSection
from core.errors import ConfigError
from core.methods.class_incremental.config import Heads
from core.methods.css_baselines.config import BaselineOptimConfig, SoftmaxConfig
from core.methods.css_baselines.dkd_config import ImageMemoryOptions, idle_of_memory
from core.methods.idle_settings import Idle
from core.server_path import ServerPath
from core.streams.base import TaskStream


class SsulOptimConfig(BaselineOptimConfig):
    """Optimisation of SSUL: later steps train only the heads, at `lr_step` times `head_lr_factor`."""

    lr_base: float = Field(1e-3, gt=0, le=10, description="Learning rate of the backbone at step 0.")
    lr_step: float = Field(
        1e-3,
        gt=0,
        le=10,
        description="Learning rate at steps 1 and later, before head_lr_factor; the backbone is fixed.",
    )
    head_lr_factor: float = Field(
        10.0, gt=0, le=1000, description="Learning rate of ASPP and heads over the backbone's."
    )
    batch_size: int = Field(
        32, ge=1, le=1024, description="Images an iteration; lowered to the data where that is smaller."
    )
    epochs: int = Field(50, ge=1, le=10_000, description="Passes over a step's data; ignored when iterations is set.")
    freeze_bn: bool = Field(False, description="Fix batch norm of the trained heads too at steps 1 and later.")


class SsulOptions(ConfigSection):
    """The class of the unknown, and pseudo labels."""

    unknown: bool = Field(
        True, description="Learn a class of unknown objects: salient pixels that the label calls background."
    )
    saliency_root: ServerPath | None = Field(
        None,
        description="Folder of saliency maps: a grey PNG per training image, named by its id; over 0 is salient.",
    )
    threshold: float = Field(
        0.7, ge=0, le=1, description="Least probability at which the old model's class labels the background."
    )
    background_lr_factor: float = Field(
        1e-4, ge=0, le=1000, description="Learning rate of the background's head over the new head's at later steps."
    )


class SsulConfig(SoftmaxConfig):
    """Settings of SSUL."""

    of_later_steps: ClassVar[tuple[str, ...]] = ("ssul.threshold", "ssul.background_lr_factor")

    optim: SsulOptimConfig = Field(default_factory=SsulOptimConfig, description="Optimisation.")
    ssul: SsulOptions = Field(default_factory=SsulOptions, description="Unknown objects and pseudo labels.")
    init_new: Literal["unknown", "random"] = Field(  # type: ignore[assignment]
        "unknown", description="Start of new classes' heads: a copy of the unknown's, or random."
    )

    @property
    def heads(self) -> Heads:
        """Kind of the classifier's heads."""
        return "deep_unknown" if self.ssul.unknown else "deep"

    def check_against(self, classes: ClassTable) -> None:
        """Raise ConfigError if the unknown is to be learned without saliency maps."""
        super().check_against(classes)
        if self.ssul.unknown and self.ssul.saliency_root is None:
            raise ConfigError(
                "the class of unknown objects needs saliency maps, and ssul.saliency_root names no folder; give one, "
                "or set ssul.unknown: false",
                "/config/ssul/saliency_root",
            )

    def idle(self, stream: TaskStream) -> Iterator[Idle]:
        """Yield the settings without effect."""
        yield from super().idle(stream)
        if not self.ssul.unknown:
            reason = "ssul.unknown is off, so there is no head of the unknown"
            yield Idle(("ssul.saliency_root", "init_new"), reason)


class SsulMemoryOptions(ImageMemoryOptions):
    """Which whole images are kept by SSUL-M."""

    threshold: float = Field(
        0.7,
        ge=0,
        le=1,
        description="Least probability at which the model's old class counts as shown in an image of a later step.",
    )


class SsulMConfig(SsulConfig):
    """Settings of SSUL with a memory of images."""

    memory: SsulMemoryOptions = Field(default_factory=SsulMemoryOptions, description="Images that are kept.")

    def idle(self, stream: TaskStream) -> Iterator[Idle]:
        """Yield the settings without effect."""
        yield from super().idle(stream)
        yield from idle_of_memory(self.memory, stream)
