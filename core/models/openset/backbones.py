"""Trunks with a pyramid of five levels, strides 4 to 64 (SemSeg 3.1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Literal

from torch import Tensor, nn
from torchvision.models import resnet50
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.resnet import Bottleneck
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import FeaturePyramidNetwork, LastLevelMaxPool

WeightsStyle = Literal["torchvision", "msra_caffe"]
FROZEN = ("conv1", "layer1")
"""Stem and first stage."""
_TINY_WIDTHS = (32, 48, 64, 96)


class Pyramid(nn.Module, ABC):
    """Images -> five levels of one width.

    Attributes:
        channels: width of every level.
    """

    channels: int

    @abstractmethod
    def levels(self, images: Tensor) -> list[Tensor]:
        """Return (B, channels, h, w) at strides 4, 8, 16, 32 and 64."""


class ResNetPyramid(Pyramid):
    """ResNet-50 whose norms are frozen, and whose stem and first stage are not trained."""

    def __init__(self, style: WeightsStyle = "torchvision") -> None:
        """Build the trunk; `style` decides which convolution of a block has the stride: the first, for Caffe's."""
        super().__init__()
        self.channels = 256
        trunk = resnet50(weights=None, norm_layer=FrozenBatchNorm2d)
        if style == "msra_caffe":
            for block in trunk.modules():
                if isinstance(block, Bottleneck):
                    block.conv1.stride, block.conv2.stride = block.conv2.stride, (1, 1)
        for name, parameter in trunk.named_parameters():
            parameter.requires_grad_(not name.startswith(FROZEN))
        returned = {f"layer{number}": str(number - 1) for number in (1, 2, 3, 4)}
        widths = [256, 512, 1024, 2048]
        self.network = BackboneWithFPN(trunk, returned, widths, self.channels, LastLevelMaxPool())

    def levels(self, images: Tensor) -> list[Tensor]:
        """Return the levels."""
        return list(self.network(images).values())


class TinyPyramid(Pyramid):
    """A small trunk of strided convolutions with group norm, for CPUs and tests."""

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        self.channels = channels
        self.stem = _unit(3, _TINY_WIDTHS[0], 2)
        pairs = zip((_TINY_WIDTHS[0], *_TINY_WIDTHS[:-1]), _TINY_WIDTHS, strict=True)
        self.stages = nn.ModuleList(
            nn.Sequential(_unit(before, width, 2), _unit(width, width, 1)) for before, width in pairs
        )
        self.pyramid = FeaturePyramidNetwork(list(_TINY_WIDTHS), channels, LastLevelMaxPool())

    def levels(self, images: Tensor) -> list[Tensor]:
        """Return the levels."""
        return list(self.pyramid(dict(self._named_stages(images))).values())

    def _named_stages(self, images: Tensor) -> Iterator[tuple[str, Tensor]]:
        x = self.stem(images)
        for index, stage in enumerate(self.stages):
            x = stage(x)
            yield str(index), x


def _unit(before: int, width: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, width, 3, stride, padding=1, bias=False), nn.GroupNorm(8, width), nn.ReLU(inplace=True)
    )


def build_pyramid(name: Literal["resnet50", "tiny"], style: WeightsStyle = "torchvision") -> Pyramid:
    """Return a trunk by name."""
    return TinyPyramid() if name == "tiny" else ResNetPyramid(style)
