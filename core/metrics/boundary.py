"""IoU of binary masks, and of their boundaries (Boundary IoU, CVPR 2021; CoSAM 7.1). Free of torch."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
RATIO = 0.02
"""Width of the boundary over the image's diagonal."""


def mask_iou(truth: Mask, prediction: Mask) -> float | None:
    """Return the IoU of two masks of one size; None where both are empty."""
    union = np.count_nonzero(truth | prediction)
    return float(np.count_nonzero(truth & prediction) / union) if union else None


def boundary_width(height: int, width: int, ratio: float = RATIO) -> int:
    """Return how many pixels wide the boundary is: n = max(1, round(ratio·diagonal)), half to even."""
    return max(1, round(ratio * math.sqrt(height**2 + width**2)))


def erode(mask: Mask, margin: int) -> Mask:
    """Return what stays of a mask when every background pixel grows by a square of 2·margin + 1.

    Outside the image is background. Runs of ANDs double in length, so that an erosion by 29 pixels takes 14 of them.

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
    """Return the pixels of a mask within `width` of the background or of the image's edge; by default of its size."""
    return mask & ~erode(mask, boundary_width(*mask.shape) if width is None else width)


def boundary_iou(truth: Mask, prediction: Mask) -> float | None:
    """Return the IoU of the boundaries of two masks of one size; None where both are empty."""
    return mask_iou(boundary(truth), boundary(prediction))
