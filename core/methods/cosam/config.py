"""Settings of CoSAM; defaults are published, or leave out a published defect (CoSAM 5.2). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from core.engine.sections import ConfigSection
from core.memory.images import ImageChoice
from core.methods.idle_settings import Idle
from core.methods.promptable.config import TrainedConfig


class RouterConfig(ConfigSection):
    """How images find their adapter."""

    tokens: Literal["frozen", "learned"] = Field(
        "frozen",
        description="Tokens that look at an image.",
        json_schema_extra={"x-labels": {"frozen": "drawn once for the run", "learned": "learned with the router"}},
    )
    token_length: int = Field(10, ge=1, le=1000, description="Tokens: one that is read, the others assist it.")
    epochs: int = Field(10, ge=1, le=100_000, description="Passes over the kept images of all domains so far.")
    lr: float = Field(1e-3, gt=0, le=10, description="Learning rate.")
    batch_size: int = Field(4, ge=1, le=1024, description="Images an update; an incomplete batch is dropped.")
    keep_rows: bool = Field(False, description="Go on from the router before, instead of a new one for each domain.")


class BufferConfig(ConfigSection):
    """Images of each domain from which the router learns."""

    size: int = Field(10, ge=1, le=100_000, description="Images kept of each domain.")
    select: ImageChoice = Field(
        "random",
        description="Which images are kept.",
        json_schema_extra={"x-labels": {"random": "drawn by the seed", "first": "the first by name"}},
    )


class CosamConfig(TrainedConfig):
    """Settings of CoSAM's method MoDA, which an older draft calls L2A."""

    adapter_select: Literal["last", "best_val"] = Field(
        "last",
        description="Which epoch's adapter is kept; the published code takes the best on a test set.",
        json_schema_extra={
            "x-labels": {"last": "the last", "best_val": "the best on training images that are set aside"}
        },
    )
    val_share: float = Field(0.1, gt=0, lt=1, description="Training images that are set aside for best_val.")
    memory: BufferConfig = Field(default_factory=BufferConfig, description="Kept images.")
    router: RouterConfig = Field(default_factory=RouterConfig, description="Router.")

    def idle(self) -> Iterator[Idle]:
        """Yield what plays no part as the other settings stand."""
        yield from super().idle()
        if self.adapter_select != "best_val":
            yield Idle(("val_share",), "adapter_select takes the last epoch, so no image is set aside")
