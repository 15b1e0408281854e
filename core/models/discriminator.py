"""A fully convolutional discriminator of domains (CoaST 3.1)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Discriminator(nn.Module):
    """Four 3x3 convolutions of stride 2 and a 1x1 classifier: a map of logits, high where it sees a target.

    Args:
        in_channels: channels of the input maps, one per class.
        width: channels of the first convolution; each of the next three doubles them.
    """

    def __init__(self, in_channels: int, width: int = 64) -> None:
        super().__init__()
        self.conv1 = _halving(in_channels, width)
        self.conv2 = _halving(width, 2 * width)
        self.conv3 = _halving(2 * width, 4 * width)
        self.conv4 = _halving(4 * width, 8 * width)
        self.classifier = nn.Conv2d(8 * width, 1, 1)

    def forward(self, maps: Tensor) -> Tensor:
        """Return (B, 1, ceil(H/16), ceil(W/16)) logits of (B, in_channels, H, W)."""
        x = F.relu(self.conv1(maps))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))
        x = F.leaky_relu(self.conv4(x), 0.2)
        logits: Tensor = self.classifier(x)
        return logits


def _halving(in_channels: int, out_channels: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1)
