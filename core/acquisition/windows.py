"""Sums over the window around every pixel, at a cost that does not depend on the window's size.

A window of radius k is the (2k + 1)² square around a pixel, clipped at the border of the image. Sums are taken along
rows and then along columns, each as the difference of two running sums.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

WORD_BITS = 64
SMALL_COUNT_BITS = 16


def window_sums(maps: Tensor, radius_px: int) -> Tensor:
    """Return the sum over the window around every pixel.

    Args:
        maps: (…, H, W); running sums are as exact as the dtype, so pass float64 or integers.
        radius_px: k ≥ 0.

    Returns:
        (…, H, W) of the same dtype, stored column by column.

    Raises:
        ValueError: if the radius is negative.
    """
    if radius_px < 0:
        raise ValueError(f"the radius of a window is {radius_px} px; it cannot be negative")
    rows = _sums_along_last(maps, radius_px)
    # A running sum over contiguous memory is several times as fast as a strided one.
    return _sums_along_last(rows.mT.contiguous(), radius_px).mT


def window_means(maps: Tensor, radius_px: int) -> Tensor:
    """Return the mean over each window's pixels inside the image; (…, H, W) of the dtype of `maps`."""
    return (window_sums(maps.double(), radius_px) / window_areas(maps, radius_px)).to(maps.dtype).contiguous()


def window_areas(maps: Tensor, radius_px: int) -> Tensor:
    """Return the number of each window's pixels inside the image; (H, W) float32, exact."""
    height, width = maps.shape[-2:]
    rows, columns = (
        _sums_along_last(torch.ones(extent, dtype=torch.int64, device=maps.device), radius_px)
        for extent in (height, width)
    )
    return (columns[:, None] * rows).mT.float()


def window_class_counts(labels: Tensor, num_classes: int, radius_px: int) -> Iterator[Tensor]:
    """Yield, class by class, the number of each window's pixels of that class.

    Several classes share one 64-bit word; each has a lane wide enough for the largest count. Adding words adds all
    lanes, so one running sum serves four classes. Differences of running sums stay correct even after overflow.

    Args:
        labels: (B, H, W) integers in [0, C); other values are not counted.
        num_classes: C.
        radius_px: k ≥ 0.

    Yields:
        (B, H, W) integers, C times, stored column by column.
    """
    height, width = labels.shape[-2:]
    side = 2 * radius_px + 1
    is_small = min(side, height) * min(side, width) < 2 ** (SMALL_COUNT_BITS - 1)
    lane = torch.int16 if is_small else torch.int32
    lanes = WORD_BITS // torch.iinfo(lane).bits
    place = 1 << (torch.iinfo(lane).bits * (labels % lanes)).long()  # 1 in the lane of the pixel's class
    group = labels >> lanes.bit_length() - 1  # labels // lanes, at a tenth of the time
    for first in range(0, num_classes, lanes):
        words = window_sums(place * (group == first // lanes), radius_px)
        counts = words.unsqueeze(-1).view(lane)  # (B, H, W, lanes)
        yield from counts.unbind(dim=-1)[: num_classes - first]


def _sums_along_last(maps: Tensor, radius_px: int) -> Tensor:
    extent = maps.shape[-1]
    if not extent:
        return maps
    reach = min(radius_px, extent - 1)
    running = maps.cumsum(dim=-1, dtype=maps.dtype)
    sums = torch.empty_like(running)
    sums[..., : extent - reach] = running[..., reach:]
    sums[..., extent - reach :] = running[..., -1:]
    sums[..., reach + 1 :] -= running[..., : extent - reach - 1]
    return sums
