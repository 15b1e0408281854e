"""Percentiles of pixels, computed on the device: the host does not know the number of valid values."""

from __future__ import annotations

import torch
from torch import Tensor


def percentile(values: Tensor, percent: float, valid: Tensor | None = None) -> Tensor:
    """Return the linearly interpolated percentile of the valid values, without waiting for the device.

    Args:
        values: float, any shape.
        percent: in [0, 100].
        valid: bool of the same shape; None = all values.

    Returns:
        Scalar of the values' dtype. Infinite without valid values, so that no value is at or above it.

    Raises:
        ValueError: if `percent` is outside [0, 100] or there are no values.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"percent is {percent}, expected a number in [0, 100]")
    if values.numel() == 0:
        raise ValueError("the percentile of no values was asked for")
    flat = values.detach().flatten()
    if valid is not None:
        flat = torch.where(valid.flatten(), flat, torch.inf)
    ordered = flat.sort().values.double()
    # Filled on the device and gathered below: copying a number to it or reading an index from it would wait for it.
    count = ordered.new_full((1,), values.numel()) if valid is None else valid.sum().double()[None]
    position = ((count - 1) * (percent / 100)).clamp(min=0)
    below = position.floor().long()
    low, high = ordered.gather(0, below), ordered.gather(0, (below + 1).clamp(max=values.numel() - 1))
    share = position - below
    # With a share of 0 the upper value is unused; it may be the infinity of an invalid pixel.
    return torch.where(share > 0, low + (high - low) * share, low)[0].to(values.dtype)
