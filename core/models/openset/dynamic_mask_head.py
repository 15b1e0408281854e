"""A mask head whose last convolution is generated for each object from its embedding (SemSeg 3.6)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

POOLED = 14
"""Side of the region features; masks are twice as large."""


class DynamicMaskHead(nn.Module):
    """One mask per object: per-pixel embeddings of its region, with weights generated from the object's embedding.

    PAPER: three convolutions before the upsampling. REFERENCE: four.
    """

    def __init__(self, channels: int, width: int, embedding: int, weights: int, num_convs: int = 4) -> None:
        """Set the widths of region features, convolutions and embedding, and the number of generated weights."""
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(channels if index == 0 else width, width, 3, padding=1) for index in range(num_convs)
        )
        self.upsample = nn.ConvTranspose2d(width if num_convs else channels, width, 2, stride=2)
        self.per_pixel = nn.Conv2d(width, weights, 3, padding=1)
        self.generator = nn.Sequential(nn.Linear(embedding, width), nn.ReLU(), nn.Linear(width, weights))

    def pixel_embeddings(self, features: Tensor) -> Tensor:
        """Return (N, weights, 2 h, 2 w) of (N, C, h, w) region features."""
        for conv in self.convs:
            features = conv(features).relu()
        found: Tensor = self.per_pixel(self.upsample(features).relu())
        return found

    def forward(self, features: Tensor, unit: Tensor) -> Tensor:
        """Return (N, 2 h, 2 w) logits.

        Args:
            features: (N, C, h, w) of the regions.
            unit: (N, d) embeddings of the same objects; they get gradients.
        """
        return torch.einsum("nc,nchw->nhw", self.generator(unit), self.pixel_embeddings(features))
