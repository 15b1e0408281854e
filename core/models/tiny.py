"""An encoder of 0.2 M parameters for CPUs, demos and tests."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from core.models.backbone import Backbone
from core.models.normalisation import activate

STAGES = ((16, 2), (32, 2), (64, 2), (96, 1))
"""Channels and stride of each stage; the output stride is 8."""


class TinyEncoder(Backbone):
    """Four stages of two 3x3 convolutions with batch norm; the heads read its features directly.

    Batch norm keeps PyTorch's momentum of 0.1: a step has a few hundred iterations, too few for 0.01 to settle.
    """

    memory_format = torch.channels_last

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList()
        in_channels = 3
        for channels, stride in STAGES:
            self.stages.append(_stage(in_channels, channels, stride))
            in_channels = channels
        self.out_channels = in_channels

    def pre_activations(self, images: Tensor) -> Iterator[Tensor]:
        """Yield each stage's output before its final ReLU."""
        x = images
        for number, stage in enumerate(self.stages):
            x = activate(x, self.slope) if number else x
            x = stage(x)
            yield x


def _stage(in_channels: int, channels: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
    )
