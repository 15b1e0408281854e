"""Settings that CoaST and its baselines share: network, views, optimiser and tests. Free of torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.engine.sections import ConfigSection
from core.server_path import ServerPath

ImageSide = Annotated[int, Field(ge=16, le=8192)]
Head = Literal["agnostic", "specific", "mean_softmax"]


class NetworkOptions(ConfigSection):
    """Which network, and how it starts."""

    name: Literal["tiny", "deeplabv2_resnet101"] = Field(
        "deeplabv2_resnet101", description="DeepLabV2 on ResNet-101, or a small twin for CPUs."
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="Chance of dropping a channel in the classifiers.")
    backbone_weights: ServerPath | None = Field(
        None, description="File with torchvision's ImageNet weights of ResNet-101; none trains from random."
    )


class ViewOptions(ConfigSection):
    """Size and weak augmentation of images."""

    image_size: tuple[ImageSide, ImageSide] = Field(
        (640, 320), description="Width and height that every image and label is brought to."
    )
    scale_width_px: int = Field(
        640, ge=16, le=8192, description="Width at a random scale of 1; the scale is drawn from 0.5 to 1.5."
    )
    crop_size: tuple[ImageSide, ImageSide] = Field(
        (320, 160), description="Width and height of the random crop; smaller images are padded."
    )
    flip: float = Field(0.5, ge=0, le=1, description="Chance that left and right are exchanged.")
    cache_mib: int = Field(512, ge=0, le=1_048_576, description="Memory for decoded images, in MiB.")


class OptimOptions(ConfigSection):
    """Stochastic gradient descent with polynomial decay."""

    batch_size: int = Field(4, ge=1, le=256, description="Images of each domain an iteration.")
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum.")
    weight_decay: float = Field(2e-4, ge=0, le=1, description="Weight decay of every parameter, norms and biases too.")
    poly_power: float = Field(0.9, gt=0, le=10, description="Power of the polynomial decay.")


class TestOptions(ConfigSection):
    """How models are tested, and which one is kept."""

    every: int = Field(
        1000, ge=0, le=10_000_000, description="Iterations between two tests of every target; 0 tests at the end only."
    )
    keep: Literal["best", "last"] = Field(
        "best",
        description="Which model of a self-training counts: the best of all tests, which looks at the targets' test "
        "labels, or the last. The other one is scored too.",
    )
    resolution: Literal["resized", "native"] = Field(
        "resized", description="Score at image_size, labels resized too, or at the labels' own size."
    )
    batch_size: int = Field(4, ge=1, le=256, description="Images tested, or given soft labels, at a time.")
    panel_images: int = Field(
        4,
        ge=0,
        le=64,
        description="Test images of every domain whose predictions are kept after a stage; 0 keeps none.",
    )

    def in_words(self, head: str) -> str:
        """Return the protocol in the words of score tables; `head` names the classifier that is tested."""
        where = "at image_size, labels resized too" if self.resolution == "resized" else "at the labels' own size"
        return f"tested by {head} {where} (resolution {self.resolution}); a pixel gets the best class"
