"""Settings of CoaST, with the published defaults. Free of torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.engine.sections import ConfigSection


class NetworkOptions(ConfigSection):
    """Which network."""

    name: Literal["tiny", "deeplabv2_resnet101"] = Field(
        "deeplabv2_resnet101", description="DeepLabV2 on ResNet-101, or a small twin for CPUs."
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="Chance of dropping a channel in the classifiers.")
