"""Masks of 28 x 28: their training targets, and pasting them into an image (SemSeg 4.6, 4.8)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from pycocotools import mask as coco_mask
from torch import Tensor
from torchvision.ops import roi_align

from core.models.openset.boxes import clip_boxes, has_area

Polygons = Sequence[npt.NDArray[np.float64]]
"""Outlines of one object, each x, y alternating in pixels."""
MASK_SIZE = 28
LEAST_SIDE = 0.1
"""Pixels; a thinner box is widened to this."""


def polygon_target(polygons: Polygons, box: Sequence[float], size: int = MASK_SIZE) -> npt.NDArray[np.bool_]:
    """Return the (size, size) mask of an object in a box, by the rasteriser of COCO; the union of its outlines."""
    x0, y0, x1, y1 = box
    origin = np.array([x0, y0])
    scale = size / np.maximum([x1 - x0, y1 - y0], LEAST_SIDE)
    scaled = [((np.reshape(outline, (-1, 2)) - origin) * scale).ravel().tolist() for outline in polygons]
    if not scaled:
        return np.zeros((size, size), np.bool_)
    found: npt.NDArray[np.bool_] = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(scaled, size, size))) > 0
    return found


def bitmap_targets(bitmaps: Tensor, boxes: Tensor, size: int = MASK_SIZE) -> Tensor:
    """Return the (N, size, size) booleans of N bitmaps in N boxes: where RoIAlign of the bitmap is ≥ 0.5.

    Args:
        bitmaps: (N, H, W) 0 and 1 of any type.
        boxes: (N, 4).
        size: side of the result.
    """
    rows = torch.cat([torch.arange(len(boxes), device=boxes.device)[:, None].to(boxes.dtype), boxes], dim=1)
    found: Tensor = roi_align(bitmaps[:, None].to(boxes.dtype), rows, size, sampling_ratio=-1, aligned=True)
    return found[:, 0] >= 0.5


def scale_boxes(boxes: Tensor, size: tuple[int, int], original: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Scale boxes to the original image and cut them to it; return them, and which of them are not empty.

    Args:
        boxes: (N, 4) in the image as the model saw it.
        size, original: (height, width) of that image, and of the one on disk.
    """
    (height, width), (rows, columns) = size, original
    factors = boxes.new_tensor([columns / width, rows / height] * 2)
    scaled = clip_boxes(boxes * factors, original)
    return scaled, has_area(scaled)


def paste_mask(probs: Tensor, box: Sequence[float], size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return the (H, W) mask of one object: where its probabilities, resized to its box, are ≥ 0.5.

    A pixel is sampled at its centre, bilinearly, with zeros outside. Only the window of the box is computed.

    Args:
        probs: (h, w) in [0, 1], on the CPU.
        box: x0, y0, x1, y1 in the image; not empty.
        size: H, W of the image.
    """
    height, width = size
    x0, y0, x1, y1 = (np.float32(side) for side in box)
    left, right = max(int(np.floor(x0)) - 1, 0), min(int(np.ceil(x1)) + 1, width)
    top, bottom = max(int(np.floor(y0)) - 1, 0), min(int(np.ceil(y1)) + 1, height)
    x = (torch.arange(left, right, dtype=torch.float32) + 0.5 - float(x0)) / float(x1 - x0) * 2 - 1
    y = (torch.arange(top, bottom, dtype=torch.float32) + 0.5 - float(y0)) / float(y1 - y0) * 2 - 1
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)
    window = F.grid_sample(probs[None, None].float(), grid[None], align_corners=False)[0, 0]
    mask = np.zeros(size, np.bool_)
    mask[top:bottom, left:right] = (window >= 0.5).numpy()
    return mask
