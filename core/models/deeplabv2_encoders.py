"""DeepLabV2 on its encoders: the published one, and a small one for CPUs (CoaST 3.2)."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from core.models.deeplabv2 import STYLED_LAYERS, DeepLabV2, DilatedResNet, HeadShape, StyledEncoder, Through
from core.models.resnet import BLOCKS
from core.models.tiny import TinyEncoder

TINY_HEADS = HeadShape(width=32, rates=(2, 4, 6, 8), groups=8)
"""Sizes for CPUs; the dilations fit the 16 x 32 features of a small image."""


class TinyStyles(StyledEncoder):
    """The tiny encoder; `through` is called after its first two stages."""

    num_places = STYLED_LAYERS

    def __init__(self) -> None:
        super().__init__()
        self.tiny = TinyEncoder()
        self.out_channels = self.tiny.out_channels

    def forward(self, images: Tensor, through: Through | None = None) -> Tensor:
        """Return features (B, 96, H/8, W/8) of images (B, 3, H, W)."""
        x = images
        for place, stage in enumerate(self.tiny.stages):
            x = stage(x).relu()
            if through is not None and place < self.num_places:
                x = through(place, x)
        return x


def tiny(num_classes: int, num_heads: int, dropout: float) -> DeepLabV2:
    """Return the small network for CPUs; `dropout` is the chance of dropping a channel in the classifiers."""
    return DeepLabV2(TinyStyles(), num_classes, num_heads, replace(TINY_HEADS, dropout=dropout))


def resnet101(num_classes: int, num_heads: int, dropout: float) -> DeepLabV2:
    """Return the published network; `dropout` as in `tiny`."""
    return DeepLabV2(DilatedResNet(BLOCKS[101]), num_classes, num_heads, HeadShape(dropout=dropout))
