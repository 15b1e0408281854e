"""DeepLabV3+ with a representation head and an auxiliary head (STAL 3).

State names are those of the published checkpoints: `encoder.*`, `decoder.*`, `auxor.*`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.deep_stem import EncoderMaps
from core.models.pyramid_parts import PooledBranch, conv_norm_relu


class Encoder(Protocol):
    """The attributes that an encoder needs, besides being a module that maps images to `EncoderMaps`."""

    low_channels: int
    middle_channels: int
    high_channels: int


class SegmentationMaps(NamedTuple):
    """The outputs of the model for (B, 3, H, W) images.

    Attributes:
        logits: (B, C, H/4, W/4).
        features: (B, D, H/4, W/4), the representation; not normalised.
        auxiliary: (B, C, H/8, W/8) logits.
    """

    logits: Tensor
    features: Tensor
    auxiliary: Tensor


@dataclass(frozen=True)
class HeadShape:
    """Sizes of the heads; a small encoder takes smaller ones.

    Attributes:
        width: channels of every branch and head.
        feature_dim: D of the representation.
        rates: dilations of the pyramid's 3x3 branches.
        dropout: probability of dropping a channel.
    """

    width: int = 256
    feature_dim: int = 256
    rates: tuple[int, int, int] = (12, 24, 36)
    dropout: float = 0.1


class PooledPyramid(nn.Module):
    """Atrous pyramid whose branches are concatenated, the pooled one first; nothing is projected."""

    def __init__(self, in_channels: int, width: int, rates: Sequence[int]) -> None:
        super().__init__()
        self.conv1 = PooledBranch(nn.AdaptiveAvgPool2d(1), *conv_norm_relu(in_channels, width))
        self.conv2 = nn.Sequential(*conv_norm_relu(in_channels, width))
        for number, rate in enumerate(rates, start=3):
            self.add_module(f"conv{number}", nn.Sequential(*conv_norm_relu(in_channels, width, 3, rate)))
        self.out_channels = width * (2 + len(rates))

    def forward(self, features: Tensor) -> Tensor:
        """Return (B, branches x width, h, w) of (B, in_channels, h, w)."""
        pooled, *spatial = self.children()
        # A single value interpolated bilinearly is that value everywhere.
        maps = [pooled(features).expand(-1, -1, *features.shape[-2:]), *(branch(features) for branch in spatial)]
        return torch.cat(maps, dim=1)


class Decoder(nn.Module):
    """Joins the pyramid with a low-level map; ends in a classifier and a representation of the same form."""

    def __init__(self, encoder: Encoder, num_classes: int, shape: HeadShape) -> None:
        super().__init__()
        width, dropout = shape.width, shape.dropout
        self.low_conv = nn.Sequential(*conv_norm_relu(encoder.low_channels, width, bias=True))
        self.aspp = PooledPyramid(encoder.high_channels, width, shape.rates)
        self.head = nn.Sequential(*conv_norm_relu(self.aspp.out_channels, width, 3), nn.Dropout2d(dropout))
        self.classifier = _two_layers(2 * width, width, num_classes, dropout)
        self.representation = _two_layers(2 * width, width, shape.feature_dim, dropout)

    def join(self, maps: EncoderMaps) -> Tensor:
        """Return the input of classifier and representation, (B, 2 x width, H/4, W/4)."""
        low = self.low_conv(maps.low)
        high = self.head(self.aspp(maps.high))
        high = F.interpolate(high, low.shape[-2:], mode="bilinear", align_corners=True)
        return torch.cat([low, high], dim=1)

    @property
    def head_dropout(self) -> nn.Dropout2d:
        """The dropout after the pyramid; `join` resizes its output."""
        dropout = self.head[-1]
        assert isinstance(dropout, nn.Dropout2d)
        return dropout

    def classify(self, joined: Tensor) -> Tensor:
        """Return logits (B, C, H/4, W/4) of maps that were joined in evaluation mode.

        If the dropout after the pyramid is on, this method applies it. It drops whole channels, and `join` resizes each
        channel alone, so the order makes no difference. One `join` thus serves any number of passes with dropout.
        """
        if self.head_dropout.training:
            low, high = joined.chunk(2, dim=1)
            joined = torch.cat([low, self.head_dropout(high)], dim=1)
        logits: Tensor = self.classifier(joined)
        return logits


class DeepLabV3Plus(nn.Module):
    """Encoder, decoder with two outputs, and an auxiliary classifier on the middle map.

    Args:
        encoder: a module that returns `EncoderMaps`.
        num_classes: C.
        shape: sizes of the heads.
    """

    def __init__(self, encoder: nn.Module, num_classes: int, shape: HeadShape | None = None) -> None:
        super().__init__()
        shape = shape or HeadShape()
        sizes: Encoder = encoder  # type: ignore[assignment]
        self.encoder = encoder
        self.decoder = Decoder(sizes, num_classes, shape)
        self.auxor = AuxiliaryHead(sizes.middle_channels, shape.width, num_classes, shape.dropout)
        self.num_classes = num_classes
        self.feature_dim = shape.feature_dim

    def forward(self, images: Tensor) -> SegmentationMaps:
        """Return logits, representation and auxiliary logits of normalised images (B, 3, H, W)."""
        maps: EncoderMaps = self.encoder(images.contiguous(memory_format=torch.channels_last))
        joined = self.decoder.join(maps)
        return SegmentationMaps(self.decoder.classifier(joined), self.decoder.representation(joined), self.auxor(maps))

    def logits(self, images: Tensor) -> Tensor:
        """Return only the logits, at the size of the images, (B, C, H, W): for evaluation."""
        joined = self.decoder.join(self.encoder(images))
        logits: Tensor = self.decoder.classifier(joined).float()
        return F.interpolate(logits, images.shape[-2:], mode="bilinear", align_corners=True)


class AuxiliaryHead(nn.Module):
    """A classifier on the encoder's middle map."""

    def __init__(self, in_channels: int, width: int, num_classes: int, dropout: float) -> None:
        super().__init__()
        layers = conv_norm_relu(in_channels, width, 3, bias=True)
        self.aux = nn.Sequential(*layers, nn.Dropout2d(dropout), nn.Conv2d(width, num_classes, 1))

    def forward(self, maps: EncoderMaps) -> Tensor:
        """Return (B, C, h, w) logits."""
        logits: Tensor = self.aux(maps.middle)
        return logits


def _two_layers(in_channels: int, width: int, out_channels: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        *conv_norm_relu(in_channels, width, 3, bias=True),
        nn.Dropout2d(dropout),
        *conv_norm_relu(width, width, 3, bias=True),
        nn.Dropout2d(dropout),
        nn.Conv2d(width, out_channels, 1),
    )
