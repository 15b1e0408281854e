"""Atrous spatial pyramid pooling of DeepLabV3, with DKD's extra 3x3 convolution (EIR 3)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.pyramid_parts import PooledBranch, conv_norm_relu
from core.models.resnet import OutputStride

RATES: dict[OutputStride, tuple[int, int, int]] = {16: (6, 12, 18), 8: (12, 24, 36)}
"""Output stride -> dilations of the 3x3 branches."""
WIDTHS = (256, 256, 256)


class ASPP(nn.Module):
    """Five parallel branches, their projection, dropout, and a last 3x3 convolution.

    Args:
        in_channels: of the backbone's features.
        rates: dilations of the 3x3 branches.
        dropout: probability, before the last convolution.
        widths: output channels of each branch, of the projection and of the last convolution.
    """

    def __init__(
        self, in_channels: int, rates: Sequence[int], dropout: float = 0.1, widths: tuple[int, int, int] = WIDTHS
    ) -> None:
        super().__init__()
        branch, projected, self.out_channels = widths
        pooled = PooledBranch(nn.AdaptiveAvgPool2d(1), *conv_norm_relu(in_channels, branch))
        branches = [
            nn.Sequential(*conv_norm_relu(in_channels, branch)),
            *(nn.Sequential(*conv_norm_relu(in_channels, branch, 3, rate)) for rate in rates),
            pooled,
        ]
        self.convs = nn.ModuleList(branches)
        self.project = nn.Sequential(*conv_norm_relu(len(branches) * branch, projected), nn.Dropout(dropout))
        self.last_conv = nn.Sequential(*conv_norm_relu(projected, self.out_channels, 3, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Return (B, out_channels, h, w) of (B, in_channels, h, w)."""
        *spatial, pooled = self.convs
        maps = [branch(features) for branch in spatial]
        # Bilinear interpolation of a single value is that value everywhere.
        maps.append(pooled(features).expand(-1, -1, *features.shape[-2:]))
        output: Tensor = self.last_conv(self.project(torch.cat(maps, dim=1)))
        return output
