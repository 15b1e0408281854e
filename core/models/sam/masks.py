"""From a decoder's logits to masks at an image's own size (CoSAM 7.1)."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


def mask_at_size(logits: Tensor, size: Sequence[int]) -> Tensor:
    """Resize logits bilinearly to another size, and return their masks: foreground where a logit is above 0.

    Args:
        logits: (N, 1, h, w) of views whose aspect ratio was not kept.
        size: H and W of the image.

    Returns:
        (N, 1, H, W) booleans.
    """
    if list(logits.shape[-2:]) != list(size):
        logits = F.interpolate(logits, list(size), mode="bilinear", align_corners=False)
    return logits > 0
