"""Maps of logits at the size of the image, computed strip by strip so that memory never holds all full-size logits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

STRIP_VALUES_CPU = 2**19
"""Logits per strip: few enough for the CPU cache, where softmax and logarithm take half the time."""
STRIP_VALUES_GPU = 2**26

MapFunction = Callable[[Tensor], Tensor]
"""Logits (B, C, H, W) -> map (N, H, W), where each pixel depends only on its own logits."""


def map_at_size(function: MapFunction, logits: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize logits (bilinear, corners aligned) and return their map.

    Args:
        function: makes the map.
        logits: (B, C, h, w).
        size: height and width of the map.

    Returns:
        (N, H, W); the function determines N.
    """
    values = STRIP_VALUES_GPU if logits.is_cuda else STRIP_VALUES_CPU
    rows = max(1, values // max(1, logits.shape[0] * logits.shape[1] * size[1]))
    return torch.cat([function(strip) for strip in strips_at_size(logits, size, rows)], dim=-2)


def strips_at_size(logits: Tensor, size: tuple[int, int], rows: int) -> Iterator[Tensor]:
    """Yield logits (B, C, h, w) resized to a size, in strips (B, C, up to `rows`, W) from top to bottom.

    Up to rounding, the strips together equal `F.interpolate` with aligned corners. Resizing along the width first and
    then interpolating between rows costs a CPU half the time of interpolating all pixels at once.
    """
    height, width = size
    if size == tuple(logits.shape[-2:]):
        yield from (logits[:, :, top : top + rows] for top in range(0, height, rows))
        return
    last = logits.shape[-2] - 1
    place = np.arange(height) * (last / max(height - 1, 1))
    above = np.minimum(place.astype(np.int64), last)
    share = torch.from_numpy(place - above)[:, None].to(logits)
    for top in range(0, height, rows):
        upper = above[top : top + rows]
        begin, end = int(upper[0]), min(last, int(upper[-1]) + 1) + 1
        wide = F.interpolate(logits[:, :, begin:end], (end - begin, width), mode="bilinear", align_corners=True)
        first = torch.from_numpy(upper - begin).to(logits.device)
        second = (first + 1).clamp(max=end - begin - 1)
        yield torch.lerp(wide.index_select(2, first), wide.index_select(2, second), share[top : top + rows])
