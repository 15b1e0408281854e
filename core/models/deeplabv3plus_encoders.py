"""DeepLabV3+ on its encoders: the published ones, and a small one for CPUs (STAL 3)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from torch import Tensor, nn

from core.models.deep_stem import DeepStemResNet, EncoderMaps
from core.models.deeplabv3plus import DeepLabV3Plus, HeadShape
from core.models.tiny import STAGES, TinyEncoder

TINY_HEADS = HeadShape(width=32, feature_dim=32, rates=(2, 4, 6))
"""Sizes for CPUs; the dilations fit the 16 x 32 features of a small image."""


class TinyMaps(nn.Module):
    """The tiny encoder, returning the maps that the decoder reads: strides 4, 8 and 8."""

    low_channels, middle_channels, high_channels = (channels for channels, _ in STAGES[1:])

    def __init__(self) -> None:
        super().__init__()
        self.tiny = TinyEncoder()

    def forward(self, images: Tensor) -> EncoderMaps:
        """Return the maps of (B, 3, H, W) normalised images."""
        _, low, middle, high = (stage.relu() for stage in self.tiny.pre_activations(images))
        return EncoderMaps(low, middle, high)


def tiny(num_classes: int, dropout: float) -> DeepLabV3Plus:
    """Return the small network for CPUs; `dropout` is the chance of dropping a channel in the heads."""
    return DeepLabV3Plus(TinyMaps(), num_classes, replace(TINY_HEADS, dropout=dropout))


def resnet(num_classes: int, dropout: float, *, blocks: tuple[int, int, int, int]) -> DeepLabV3Plus:
    """Return DeepLabV3+ on a deep-stem ResNet with `blocks` blocks in its layers; `dropout` as in `tiny`."""
    return DeepLabV3Plus(DeepStemResNet(blocks), num_classes, HeadShape(dropout=dropout))


resnet50 = partial(resnet, blocks=(3, 4, 6, 3))
resnet101 = partial(resnet, blocks=(3, 4, 23, 3))
