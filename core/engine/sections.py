"""Groups of settings, and the groups shared by all trainings. Free of torch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ConfigSection(BaseModel):
    """A frozen group of settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ExecutionConfig(ConfigSection):
    """How a stage runs; changes no result but for floating-point noise."""

    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="Arithmetic of the forward passes; auto is bfloat16 on GPUs that have it, else float32."
    )
    threads: int | None = Field(
        None, ge=1, le=256, description="CPU threads of the stage; default is the worker's share."
    )
    checkpoint_every: int = Field(200, ge=1, description="Iterations between resumable checkpoints.")
    log_every: int = Field(10, ge=1, description="Iterations between points of the loss curves.")
