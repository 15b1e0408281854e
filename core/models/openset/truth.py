"""The ground truth of a training image, as a detector is trained on it (SemSeg 4.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.models.openset.masks import MASK_SIZE, Polygons, bitmap_targets, polygon_target


@dataclass(frozen=True)
class TaughtObjects:
    """The objects of known classes of one image, as the model sees it.

    Attributes:
        boxes: (G, 4).
        heads: (G,) head indices, all of known classes.
        outlines: polygons of each object, from which masks are drawn; None when `bitmaps` has the masks.
        bitmaps: (G, H, W) masks; None when there are outlines.
    """

    boxes: Tensor
    heads: Tensor
    outlines: Sequence[Polygons] | None = None
    bitmaps: Tensor | None = None

    def mask_targets(self, index: Tensor, boxes: Tensor) -> Tensor:
        """Return the (n, 28, 28) masks of n objects in n boxes."""
        if self.outlines is not None:
            drawn = [
                polygon_target(self.outlines[which], box)
                for which, box in zip(index.tolist(), boxes.tolist(), strict=True)
            ]
            return torch.from_numpy(np.array(drawn, np.bool_).reshape(-1, MASK_SIZE, MASK_SIZE)).to(boxes.device)
        assert self.bitmaps is not None
        return bitmap_targets(self.bitmaps[index], boxes)
