"""The interface that every encoder of the segmentation model implements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from core.models.normalisation import activate


class Backbone(nn.Module, ABC):
    """An encoder of several layers, each of which ends in a ReLU.

    Attributes:
        out_channels: channels of the features.
        memory_format: layout of activations in which the encoder is fastest.
        slope: of the ReLUs for negative values; see `make_leaky`.
    """

    out_channels: int
    memory_format: torch.memory_format = torch.contiguous_format
    slope: float = 0.0

    @abstractmethod
    def pre_activations(self, images: Tensor) -> Iterator[Tensor]:
        """Yield each layer's output before its final ReLU, first layer first; images are (B, 3, H, W)."""

    def forward(self, images: Tensor) -> Tensor:
        """Return the features (B, out_channels, h, w) of (B, 3, H, W) normalised images."""
        last = images
        for tap in self.pre_activations(images):
            last = tap
        return activate(last, self.slope)
