"""Features of regions from the levels of a pyramid (SemSeg 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.ops import roi_align

CANONICAL_PX, CANONICAL_LEVEL = 224.0, 4
FINEST = 2
"""Binary logarithm of the first level's stride."""


def region_levels(boxes: Tensor, num_levels: int = 4, canonical_px: float = CANONICAL_PX) -> Tensor:
    """Return the (N,) level of each box, 0 for the finest: ⌊4 + log2(√area / 224 + 1e-8)⌋, clamped.

    Args:
        boxes: (N, 4); a box without area belongs to the finest level.
        num_levels: of the pyramid.
        canonical_px: side of a region that belongs to the third level, 224 as published.
    """
    sizes = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1).sqrt()
    levels = torch.floor(CANONICAL_LEVEL + torch.log2(sizes / canonical_px + 1e-8))
    return (levels.clamp(FINEST, FINEST + num_levels - 1) - FINEST).to(torch.int64)


def pool_regions(
    features: Sequence[Tensor], boxes: Sequence[Tensor], size: int, canonical_px: float = CANONICAL_PX
) -> Tensor:
    """Return (M, C, size, size) features of all regions of all images, image by image.

    RoIAlign is aligned and takes as many samples as a region has cells: `MultiScaleRoIAlign` does neither.

    Args:
        features: (B, C, H, W) of each level, strides 4, 8, 16 …
        boxes: (N, 4) regions of each image; they get no gradient.
        size: side of the output.
        canonical_px: see `region_levels`.
    """
    rows = torch.cat(
        [
            torch.cat([of_image.new_full((len(of_image), 1), image), of_image], dim=1)
            for image, of_image in enumerate(boxes)
        ]
    )
    levels = region_levels(rows[:, 1:], len(features), canonical_px)
    pooled = features[0].new_zeros((len(rows), features[0].shape[1], size, size))
    for level, of_level in enumerate(features):
        chosen = (levels == level).nonzero().flatten()
        scale = 1 / 2 ** (FINEST + level)
        found = roi_align(of_level, rows[chosen], size, spatial_scale=scale, sampling_ratio=-1, aligned=True)
        pooled = pooled.index_put((chosen,), found.to(pooled.dtype))
    return pooled
