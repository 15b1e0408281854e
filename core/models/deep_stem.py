"""ResNet with a deep stem and a multi-grid last layer, output stride 8 (PSPNet's variant; STAL 3).

State names are those of the published checkpoints: `conv1.{0,1,3,4,6}`, `bn1`, `layerL.B.{conv1,bn1,…,downsample}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from core.models.resnet import LAYER_WIDTHS, Bottleneck

STEM_CHANNELS = 128
LAYER_STRIDES = (1, 2, 1, 1)
MULTI_GRID = (4, 8, 16)
"""Dilations of the blocks of layer4, repeated where there are more."""
NORM_MOMENTUM = 0.1


class EncoderMaps(NamedTuple):
    """The maps that the heads read, all (B, D, h, w): `low` at stride 4, `middle` and `high` at stride 8."""

    low: Tensor
    middle: Tensor
    high: Tensor


class DeepStemResNet(nn.Module):
    """Bottleneck ResNet whose stem is three 3x3 convolutions.

    Args:
        blocks: blocks of layer1 … layer4, (3, 4, 23, 3) for 101 layers.
    """

    low_channels, middle_channels, high_channels = 256, 1024, 2048

    def __init__(self, blocks: Sequence[int]) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(3, 64, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.Conv2d(64, 64, 3, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.Conv2d(64, STEM_CHANNELS, 3, padding=1, bias=False),
        )
        self.bn1 = nn.BatchNorm2d(STEM_CHANNELS)
        dilations = ((1,), (1,), (1, 2), MULTI_GRID)
        channels = STEM_CHANNELS
        for number, (width, count, stride, grid) in enumerate(
            zip(LAYER_WIDTHS, blocks, LAYER_STRIDES, dilations, strict=True), start=1
        ):
            layer = nn.Sequential()
            for index in range(count):
                # layer3 is dilated from its second block on; the blocks of layer4 take the grid's dilations in turn.
                dilation = grid[index % len(grid)] if number == 4 else grid[min(index, len(grid) - 1)]
                layer.append(Bottleneck(channels, width, stride if index == 0 else 1, dilation))
                channels = width * Bottleneck.expansion
            self.add_module(f"layer{number}", layer)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = NORM_MOMENTUM

    def layer_maps(self, images: Tensor) -> list[Tensor]:
        """Return x1 … x4 of normalised images (B, 3, H, W): strides 4, 8, 8, 8."""
        x = F.relu(self.bn1(self.conv1(images)))
        x = F.max_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)
        maps = []
        for number in range(1, 5):
            x = self.get_submodule(f"layer{number}")(x)
            maps.append(x)
        return maps

    def forward(self, images: Tensor) -> EncoderMaps:
        """Return the maps that the heads read."""
        low, _, middle, high = self.layer_maps(images)
        return EncoderMaps(low, middle, high)
