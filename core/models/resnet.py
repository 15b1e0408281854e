"""ResNet-18/50/101 as encoders of output stride 8 or 16. State names are torchvision's, without `fc`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.backbone import Backbone
from core.models.normalisation import activate

OutputStride = Literal[8, 16]

BATCH_NORM_MOMENTUM = 0.01
LAYER_WIDTHS = (64, 128, 256, 512)
BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""Depth -> blocks of layer1 … layer4."""
LAYER_STRIDES: dict[OutputStride, tuple[int, int, int, int]] = {16: (1, 2, 2, 1), 8: (1, 2, 1, 1)}
"""Output stride -> stride of each layer's first block."""
USUAL_STRIDES = (1, 2, 2, 2)
"""Strides of the image classifier, output stride 32; a layer without its stride is dilated instead."""


class ResidualBlock(nn.Module, ABC):
    """x -> ReLU(residual(x) + shortcut(x)). The final ReLU is not in place, so that the sum can be tapped."""

    expansion: int
    slope: float = 0.0
    bn1: nn.BatchNorm2d
    conv1: nn.Conv2d
    conv2: nn.Conv2d
    downsample: nn.Sequential | None

    @abstractmethod
    def residual(self, x: Tensor) -> Tensor:
        """Return the residual branch, (B, width x expansion, h, w)."""

    @property
    @abstractmethod
    def spatial(self) -> nn.Conv2d:
        """The 3x3 convolution that has the block's stride."""

    def pre_activation(self, x: Tensor) -> Tensor:
        """Return the sum before the final ReLU."""
        shortcut: Tensor = x if self.downsample is None else self.downsample(x)
        return self.residual(x) + shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        return activate(self.pre_activation(x), self.slope)


class BasicBlock(ResidualBlock):
    """Two 3x3 convolutions (ResNet-18)."""

    expansion = 1

    def __init__(self, in_channels: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.conv1 = _conv3x3(in_channels, width, stride, dilation)
        self.bn1 = _batch_norm(width)
        self.conv2 = _conv3x3(width, width, 1, dilation)
        self.bn2 = _batch_norm(width)
        self.downsample = _projection(in_channels, width, stride)

    @property
    def spatial(self) -> nn.Conv2d:
        """The 3x3 convolution that has the block's stride."""
        return self.conv1

    def residual(self, x: Tensor) -> Tensor:
        """Return the residual branch, (B, width, h, w)."""
        x = activate(self.bn1(self.conv1(x)), self.slope)
        output: Tensor = self.bn2(self.conv2(x))
        return output


class Bottleneck(ResidualBlock):
    """1x1, 3x3 with the stride, 1x1 to four times the width (ResNet-50 and 101)."""

    expansion = 4

    def __init__(self, in_channels: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        out_channels = width * self.expansion
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = _batch_norm(width)
        self.conv2 = _conv3x3(width, width, stride, dilation)
        self.bn2 = _batch_norm(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = _batch_norm(out_channels)
        self.downsample = _projection(in_channels, out_channels, stride)

    @property
    def spatial(self) -> nn.Conv2d:
        """The 3x3 convolution that has the block's stride."""
        return self.conv2

    def residual(self, x: Tensor) -> Tensor:
        """Return the residual branch, (B, 4 x width, h, w)."""
        x = activate(self.bn1(self.conv1(x)), self.slope)
        x = activate(self.bn2(self.conv2(x)), self.slope)
        output: Tensor = self.bn3(self.conv3(x))
        return output


class ResNet(Backbone):
    """ResNet without its classifier (He et al., CVPR 2016), dilated to an output stride of 8 or 16 (EIR 3).

    Args:
        depth: 18, 50 or 101.
        output_stride: input side divided by feature side.
        memory_format: layout of activations in which this depth is fastest.
        uniform_dilation: dilate the first block of a layer as its others.
    """

    def __init__(
        self,
        depth: Literal[18, 50, 101],
        output_stride: OutputStride,
        memory_format: torch.memory_format = torch.contiguous_format,
        uniform_dilation: bool = False,
    ) -> None:
        super().__init__()
        block: type[BasicBlock | Bottleneck] = BasicBlock if depth == 18 else Bottleneck
        self.memory_format = memory_format
        self.out_channels = LAYER_WIDTHS[-1] * block.expansion
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = _batch_norm(64)
        in_channels, dilation = 64, 1
        shapes = zip(LAYER_WIDTHS, BLOCKS[depth], LAYER_STRIDES[output_stride], USUAL_STRIDES, strict=True)
        for number, (width, count, stride, usual_stride) in enumerate(shapes, start=1):
            previous_dilation, dilation = dilation, dilation * usual_stride // stride
            # A layer's first block still sees the previous layer's spacing, so by default it keeps that dilation.
            first_dilation = dilation if uniform_dilation else previous_dilation
            layer = nn.Sequential(block(in_channels, width, stride, first_dilation))
            in_channels = width * block.expansion
            layer.extend(block(in_channels, width, 1, dilation) for _ in range(count - 1))
            self.add_module(f"layer{number}", layer)

    @property
    def layers(self) -> list[list[ResidualBlock]]:
        """The blocks of layer1 … layer4."""
        return [
            cast(list[ResidualBlock], list(self.get_submodule(f"layer{number}").children())) for number in range(1, 5)
        ]

    def pre_activations(self, images: Tensor) -> Iterator[Tensor]:
        """Yield the last block's sum before its ReLU, for each of the four layers."""
        x = F.max_pool2d(activate(self.bn1(self.conv1(images)), self.slope), 3, stride=2, padding=1)
        for number, blocks in enumerate(self.layers):
            x = activate(x, self.slope) if number else x
            for block in blocks[:-1]:
                x = block(x)
            x = blocks[-1].pre_activation(x)
            yield x


def layout(resnet: ResNet) -> list[tuple[int, ...]]:
    """Return a row for each block, read from its modules.

    Columns: layer, block, input channels, width, output channels, stride and dilation of the 3x3 convolution that has
    the stride, 1 with a projection, 1 where the layer is tapped.
    """
    rows: list[tuple[int, ...]] = []
    for number, blocks in enumerate(resnet.layers, start=1):
        for index, block in enumerate(blocks):
            width, spatial = block.bn1.num_features, block.spatial
            shape = (block.conv1.in_channels, width, width * block.expansion, spatial.stride[0], spatial.dilation[0])
            rows.append((number, index, *shape, int(block.downsample is not None), int(index == len(blocks) - 1)))
    return rows


def _conv3x3(in_channels: int, out_channels: int, stride: int, dilation: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=dilation, dilation=dilation, bias=False)


def _batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, momentum=BATCH_NORM_MOMENTUM)


def _projection(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), _batch_norm(out_channels))
