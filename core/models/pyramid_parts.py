"""Parts of the pyramids of DeepLabV3 and DeepLabV3+."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class PooledBranch(nn.Sequential):
    """The branch that sees the whole map: pooling, convolution, norm, ReLU."""

    def forward(self, features: Tensor) -> Tensor:
        """Return (B, width, 1, 1) of (B, in_channels, h, w)."""
        pool, conv, norm, activation = self
        assert isinstance(norm, nn.BatchNorm2d)
        pooled: Tensor = conv(pool(features))
        if self.training and len(pooled) == 1:
            # One image has one value per channel, so it has no variance: use the running statistics instead.
            values = (norm.running_mean, norm.running_var, norm.weight, norm.bias)
            pooled = F.batch_norm(pooled, *values, training=False, eps=norm.eps)
        else:
            pooled = norm(pooled)
        activated: Tensor = activation(pooled)
        return activated


def conv_norm_relu(
    in_channels: int, out_channels: int, kernel: int = 1, dilation: int = 1, *, bias: bool = False
) -> list[nn.Module]:
    """Return a convolution that keeps the size, batch norm and ReLU."""
    padding = dilation * (kernel // 2)
    conv = nn.Conv2d(in_channels, out_channels, kernel, padding=padding, dilation=dilation, bias=bias)
    return [conv, nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True)]
