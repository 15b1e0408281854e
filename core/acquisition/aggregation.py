"""Aggregate a map of pixel values into the value of an image or region (STAL 6.2).

A pixel is valid if it is neither ignored nor already labelled. An image or region without valid pixels has the value 0
and must not be selected; check with `has_valid`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from core.acquisition.catalog import AggregationName

TOP_FRACTION = 0.25


def has_valid(valid: Tensor) -> Tensor:
    """Return whether any pixel of a mask (…, H, W) is set, (…) boolean."""
    return valid.flatten(-2).any(dim=-1)


def valid_sum(maps: Tensor, valid: Tensor) -> Tensor:
    """Return the sum over valid pixels.

    Args:
        maps: (…, H, W).
        valid: (…, H, W) boolean.

    Returns:
        (…) float64; 0 where no pixel is valid. Invalid pixels may have any value, even NaN.
    """
    return torch.where(valid, maps, 0).sum(dim=(-2, -1), dtype=torch.float64)


def valid_mean(maps: Tensor, valid: Tensor) -> Tensor:
    """Return the mean over valid pixels. Arguments and result are those of `valid_sum`."""
    return valid_sum(maps, valid) / valid.sum(dim=(-2, -1)).clamp(min=1)


def valid_top_mean(maps: Tensor, valid: Tensor, fraction: float = TOP_FRACTION) -> Tensor:
    """Return the mean of the ⌈fraction·n⌉ largest of the n valid values, at least one of them.

    Args:
        maps: (…, H, W).
        valid: (…, H, W) boolean.
        fraction: in (0, 1].

    Returns:
        (…) float64; 0 where no pixel is valid.

    Raises:
        ValueError: if `fraction` is outside (0, 1].
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"the share of largest values is {fraction}; it must be over 0 and at most 1")
    count = valid.sum(dim=(-2, -1))
    kept = (fraction * count.double()).ceil().long().clamp(min=1)
    flat = torch.where(valid, maps, -torch.inf).flatten(-2)
    # A fully valid image keeps the most values, so this many sorted values suffice for every image.
    most = min(flat.shape[-1], max(1, math.ceil(fraction * flat.shape[-1])))
    ordered = flat.topk(most, dim=-1).values
    is_kept = torch.arange(ordered.shape[-1], device=maps.device) < torch.minimum(kept, count)[..., None]
    return torch.where(is_kept, ordered, 0).sum(dim=-1, dtype=torch.float64) / kept


def tile(maps: Tensor, valid: Tensor, side_px: int) -> tuple[Tensor, Tensor]:
    """Cut maps into a grid of square regions, row by row.

    Args:
        maps: (B, H, W).
        valid: (B, H, W) boolean.
        side_px: side of a region. Regions at the right and lower border are padded with invalid pixels.

    Returns:
        Maps (B, R, side, side) and their masks, with R = ⌈H/side⌉·⌈W/side⌉.

    Raises:
        ValueError: if `side_px` is below 1.
    """
    if side_px < 1:
        raise ValueError(f"the side of a region is {side_px} px; it must be at least 1")
    return _cut(maps, side_px), _cut(valid, side_px)


def _cut(maps: Tensor, side_px: int) -> Tensor:
    height, width = maps.shape[-2:]
    padded = F.pad(maps, (0, -width % side_px, 0, -height % side_px))
    regions = padded.unfold(-2, side_px, side_px).unfold(-2, side_px, side_px)  # (B, rows, columns, side, side)
    return regions.flatten(1, 2)


AGGREGATIONS: Mapping[AggregationName, Callable[[Tensor, Tensor], Tensor]] = {
    AggregationName.MEAN: valid_mean,
    AggregationName.TOP: valid_top_mean,
    AggregationName.SUM: valid_sum,
}
