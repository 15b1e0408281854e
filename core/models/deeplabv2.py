"""DeepLabV2 with a classifier for each target and one for all of them (CoaST 3.2 and 3.3)."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.resnet import LAYER_WIDTHS, Bottleneck

Through = Callable[[int, Tensor], Tensor]
"""(place, features) -> the features that the next layer reads; places count from 0."""
LAYER_STRIDES = (1, 2, 1, 1)
LAYER_DILATIONS = (1, 1, 2, 4)
STYLED_LAYERS = 2
_MOMENTUM = 0.1
_CONV_DEVIATION = 0.01


class StyledEncoder(nn.Module, ABC):
    """An encoder whose early features a callback can read and change.

    Attributes:
        out_channels: channels of the features.
        num_places: number of places at which `through` is called.
    """

    out_channels: int
    num_places: int

    @abstractmethod
    def forward(self, images: Tensor, through: Through | None = None) -> Tensor:
        """Return features (B, out_channels, h, w) of images (B, 3, H, W)."""


@dataclass(frozen=True)
class HeadShape:
    """Sizes of a classifier.

    Attributes:
        width: channels of every branch and of the last features.
        rates: dilations of the 3x3 branches.
        squeeze: channels divided by the width of the narrow layer of `ChannelWeights`.
        groups: number of groups of group norm.
        dropout: chance of dropping a channel before the last convolution.
    """

    width: int = 256
    rates: tuple[int, ...] = (6, 12, 18, 24)
    squeeze: int = 16
    groups: int = 32
    dropout: float = 0.1


class EarlyBottleneck(Bottleneck):
    """A bottleneck whose first 1x1 convolution has the stride; torchvision's weights fit."""

    def __init__(self, in_channels: int, width: int, stride: int, dilation: int) -> None:
        super().__init__(in_channels, width, stride, dilation)
        self.conv1.stride, self.conv2.stride = self.conv2.stride, self.conv1.stride


class DilatedResNet(StyledEncoder):
    """A bottleneck ResNet of output stride 8; side n becomes n/8 + 1. State names are torchvision's, without `fc`.

    `through` is called after each bottleneck of the first two layers.

    Args:
        blocks: bottlenecks of layer1 … layer4.
    """

    def __init__(self, blocks: Sequence[int]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        in_channels = 64
        shapes = zip(LAYER_WIDTHS, blocks, LAYER_STRIDES, LAYER_DILATIONS, strict=True)
        for number, (width, count, stride, dilation) in enumerate(shapes, start=1):
            layer = nn.Sequential(EarlyBottleneck(in_channels, width, stride, dilation))
            in_channels = width * EarlyBottleneck.expansion
            layer.extend(EarlyBottleneck(in_channels, width, 1, dilation) for _ in range(count - 1))
            self.add_module(f"layer{number}", layer)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = _MOMENTUM
        self.out_channels, self.num_places = in_channels, sum(blocks[:STYLED_LAYERS])

    def forward(self, images: Tensor, through: Through | None = None) -> Tensor:
        """Return features (B, 2048, h, w) of images (B, 3, H, W)."""
        *_, features = self.layer_maps(images, through)
        return features

    def layer_maps(self, images: Tensor, through: Through | None = None) -> list[Tensor]:
        """Return the outputs of the stem and of each layer, stem first."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(images))), 3, stride=2, padding=1, ceil_mode=True)
        maps, place = [x], 0
        for number in range(1, 1 + len(LAYER_WIDTHS)):
            for block in self.get_submodule(f"layer{number}").children():
                x = block(x)
                if through is not None and place < self.num_places:
                    x = through(place, x)
                place += 1
            maps.append(x)
        return maps


class ChannelWeights(nn.Module):
    """Squeeze and excitation: multiply each channel by a weight in (0, 1), computed from the means of all channels."""

    def __init__(self, channels: int, squeeze: int) -> None:
        super().__init__()
        narrow = channels // squeeze
        self.se = nn.Sequential(nn.Linear(channels, narrow), nn.ReLU(), nn.Linear(narrow, channels), nn.Sigmoid())

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the given shape (B, C, h, w)."""
        weights: Tensor = self.se(features.mean(dim=(2, 3)))
        return features * weights[:, :, None, None]


class PyramidHead(nn.Module):
    """A classifier: parallel branches of growing dilation, channel weights, a fusing convolution, logits.

    Args:
        in_channels: channels of the features.
        num_classes: C.
        shape: sizes of the classifier.
    """

    def __init__(self, in_channels: int, num_classes: int, shape: HeadShape | None = None) -> None:
        super().__init__()
        shape = shape or HeadShape()
        width, joined = shape.width, (1 + len(shape.rates)) * shape.width
        convolutions = [nn.Conv2d(in_channels, width, 1)]
        convolutions += [nn.Conv2d(in_channels, width, 3, padding=rate, dilation=rate) for rate in shape.rates]
        self.conv2d_list = nn.ModuleList(
            nn.Sequential(convolution, nn.GroupNorm(shape.groups, width), nn.ReLU()) for convolution in convolutions
        )
        self.bottleneck = nn.Sequential(
            ChannelWeights(joined, shape.squeeze),
            nn.Conv2d(joined, width, 3, padding=1),
            nn.GroupNorm(shape.groups, width),
        )
        self.head = nn.Sequential(nn.Dropout2d(shape.dropout), nn.Conv2d(width, num_classes, 1, bias=False))

    def forward(self, features: Tensor) -> Tensor:
        """Return logits (B, C, h, w) of features (B, in_channels, h, w)."""
        logits: Tensor = self.head(self.embed(features))
        return logits

    def embed(self, features: Tensor) -> Tensor:
        """Return the input of the last convolution before dropout, (B, width, h, w)."""
        embedded: Tensor = self.bottleneck(torch.cat([branch(features) for branch in self.conv2d_list], dim=1))
        return embedded


class DeepLabV2(nn.Module):
    """One encoder and several classifiers.

    The published checkpoints name the encoder's entries without `encoder.`.

    Args:
        encoder: encodes the images.
        num_classes: C.
        num_heads: K for the warm-up; K + 1 for self-training, whose last is the domain-agnostic one.
        shape: sizes of every classifier.
    """

    def __init__(
        self, encoder: StyledEncoder, num_classes: int, num_heads: int, shape: HeadShape | None = None
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.layer5_list = nn.ModuleList(
            PyramidHead(encoder.out_channels, num_classes, shape) for _ in range(num_heads)
        )

    @property
    def heads(self) -> nn.ModuleList:
        """The classifiers: features -> logits."""
        return self.layer5_list

    def features(self, images: Tensor, through: Through | None = None) -> Tensor:
        """Return the input of the classifiers for images (B, 3, H, W); `through` may change the early features."""
        features: Tensor = self.encoder(images, through)
        return features


def initialise_deeplabv2(part: nn.Module, generator: torch.Generator) -> None:
    """Re-initialise the parameters of a network or of a classifier (CoaST 3.3).

    Convolutions are drawn from a normal distribution with deviation 0.01. Norms become the identity. Linear layers and
    biases get PyTorch's initial values, but the bias of each classifier's fusion is 0.
    """
    for module in part.modules():
        if isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
            module.reset_parameters()
        elif isinstance(module, nn.Conv2d | nn.Linear):
            bound = 1 / math.sqrt(module.weight[0].numel())
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=_CONV_DEVIATION, generator=generator)
            else:
                nn.init.uniform_(module.weight, -bound, bound, generator=generator)
            if module.bias is not None:
                nn.init.uniform_(module.bias, -bound, bound, generator=generator)
    for module in part.modules():
        if isinstance(module, PyramidHead):
            fusion = module.bottleneck[1]
            assert isinstance(fusion, nn.Conv2d)
            assert fusion.bias is not None
            nn.init.zeros_(fusion.bias)
