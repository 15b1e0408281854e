"""Settings of the toy. Free of torch."""

from __future__ import annotations

from pydantic import Field

from core.methods.base import MethodConfig


class ToyConfig(MethodConfig):
    """Settings of the toy."""

    lowered_on_divergence = ("lr",)

    lr: float = Field(0.5, gt=0, le=10, description="Learning rate.")
    iterations: int = Field(20, ge=1, le=10_000, description="Iterations a domain.")
    panel_images: int = Field(2, ge=1, le=8, description="Test images of each domain whose predictions are kept.")
    batch_size: int = Field(4, ge=1, le=64, description="Images an iteration.")
