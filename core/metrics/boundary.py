"""IoU of binary masks, and of their boundaries (Boundary IoU, CVPR 2021; CoSAM 7.1). Free of torch."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
RATIO = 0.02
"""Width of the boundary as a fraction of the image's diagonal."""


def mask_iou(truth: Mask, prediction: Mask) -> float | None:
    """Return the IoU of two masks of one size; None where both are empty."""
    union = np.count_nonzero(truth | prediction)
    return float(np.count_nonzero(truth & prediction) / union) if union else None


def boundary_width(height: int, width: int, ratio: float = RATIO) -> int:
    """Return the width of the boundary in pixels: n = max(1, round(ratio·diagonal)), half to even."""
    return max(1, round(ratio * math.sqrt(height**2 + width**2)))


def erode(mask: Mask, margin: int) -> Mask:
    """Erode a mask by a square of side 2·margin + 1.

    The outside of the image is background. The runs of ANDs double in length, so an erosion by 29 pixels takes 14.

    Args:
        mask: (H, W).
        margin: pixels; 0 changes nothing.
    """
    height, width = mask.shape
    run = np.zeros((height + 2 * margin, width + 2 * margin), np.bool_)
    run[margin : margin + height, margin : margin + width] = mask
    done, length = 1, 2 * margin + 1
    while done < length:
        shift = min(done, length - done)
        run = run[:-shift] & run[shift:]
        run = run[:, :-shift] & run[:, shift:]
        done += shift
    return run


def boundary(mask: Mask, width: int | None = None) -> Mask:
    """Return the pixels of a mask within `width` of the background or of the image's edge; see `boundary_width`."""
    return mask & ~erode(mask, boundary_width(*mask.shape) if width is None else width)


def boundary_iou(truth: Mask, prediction: Mask) -> float | None:
    """Return the IoU of the boundaries of two masks of one size; None where both are empty."""
    return mask_iou(boundary(truth), boundary(prediction))
