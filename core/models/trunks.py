"""Networks without a classifier: an encoder, and the layers between it and a method's heads."""

from __future__ import annotations

from functools import partial
from typing import Literal, NamedTuple

import torch
from torch import nn

from core.models.aspp import ASPP, RATES
from core.models.backbone import Backbone
from core.models.normalisation import make_leaky
from core.models.resnet import OutputStride, ResNet
from core.models.tiny import TinyEncoder


class Trunk(NamedTuple):
    """An encoder, the layers between it and the heads, and the channels that the heads read."""

    backbone: Backbone
    neck: nn.Module
    out_channels: int


Norm = Literal["bn", "leaky_bn"]
"""Batch norm before ReLUs, or before leaky ReLUs of slope 0.01."""


def tiny(_output_stride: OutputStride, _dropout: float, norm: Norm = "bn") -> Trunk:
    """Return the encoder for CPUs: its output stride is always 8, and it has no dropout."""
    encoder = TinyEncoder()
    if norm == "leaky_bn":
        make_leaky(encoder)
    return Trunk(encoder, nn.Identity(), encoder.out_channels)


def deeplabv3(
    output_stride: OutputStride,
    dropout: float,
    norm: Norm = "bn",
    *,
    depth: Literal[18, 50, 101],
    memory_format: torch.memory_format,
) -> Trunk:
    """Return a ResNet with atrous pyramid pooling (DeepLabV3, arXiv 2017; EIR 3).

    Args:
        output_stride: input side over feature side; also decides the dilations.
        dropout: before the last convolution of the pooling.
        norm: "leaky_bn" also dilates whole layers: it is the variant with in-place activated batch norm (EIR 3).
        depth: of the ResNet.
        memory_format: in which the network is fastest.
    """
    backbone = ResNet(depth, output_stride, memory_format, uniform_dilation=norm == "leaky_bn")
    aspp = ASPP(backbone.out_channels, RATES[output_stride], dropout)
    if norm == "leaky_bn":
        make_leaky(backbone)
        make_leaky(aspp)
    return Trunk(backbone, aspp, aspp.out_channels)


# channels_last was measured 12-45 % faster on tiny and the bottleneck networks, 5-15 % slower on ResNet-18.
deeplabv3_resnet18 = partial(deeplabv3, depth=18, memory_format=torch.contiguous_format)
deeplabv3_resnet50 = partial(deeplabv3, depth=50, memory_format=torch.channels_last)
deeplabv3_resnet101 = partial(deeplabv3, depth=101, memory_format=torch.channels_last)
