"""A head with a convolution of its own, and the channel of what is not known yet (SSUL, NeurIPS 2021; EIR 8.6)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

CERTAIN = 100.0
"""Logit of a probability of 1, above those that networks give."""


class DeepHead(nn.Conv2d):
    """3x3 convolution → batch norm → ReLU → 1x1 convolution; the width is that of the features.

    The weight and bias of the module itself are those of the 1x1 convolution.

    Args:
        in_channels: D of the features.
        out_channels: channels of the logits.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 1)
        self.hidden = nn.Sequential(
            nn.Conv2d(in_channels, in_channels, 3, padding=1, bias=False), nn.BatchNorm2d(in_channels), nn.ReLU()
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return logits (B, out_channels, h, w) of features (B, D, h, w)."""
        return super().forward(self.hidden(features))

    def copy_from(self, head: DeepHead) -> None:
        """Take over another head's weights; each channel of this one starts as the only channel of that one."""
        assert self.bias is not None
        assert head.bias is not None
        self.hidden.load_state_dict(head.hidden.state_dict())
        with torch.no_grad():
            self.weight.copy_(head.weight.expand_as(self.weight))
            self.bias.copy_(head.bias.expand_as(self.bias))


def with_unknown_as_background(logits: Tensor) -> Tensor:
    """Add the probability of the unknown to the background's, and drop the channel of the unknown.

    Args:
        logits: (B, C + 1, H, W); the background is the first channel, the unknown the last.

    Returns:
        (B, C, H, W) logits. A sum of 1 or more becomes `CERTAIN`, for no class can have a higher probability.
    """
    background = logits[:, :1].sigmoid() + logits[:, -1:].sigmoid()
    eps = torch.finfo(background.dtype).eps
    merged = torch.where(background >= 1, CERTAIN, background.clamp(max=1 - eps).logit())
    return torch.cat([merged, logits[:, 1:-1]], dim=1)
