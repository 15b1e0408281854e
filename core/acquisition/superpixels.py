"""Superpixels of a queried image in three sizes, for a tool that paints whole superpixels (ANN-11).

SLIC (Achanta et al., TPAMI 2012) of scikit-image: k-means over position and Lab colour, then connected pieces only.
Free of torch.
"""

from __future__ import annotations

import io
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage
from skimage.segmentation import slic

from core.acquisition.catalog import SuperpixelSize
from core.data.samples import Image

SuperpixelMap = npt.NDArray[np.uint16]
"""(H, W): number of each pixel's superpixel, from 0."""

ITERATIONS = 5
COMPACTNESS = 10.0
MAX_COMPUTED_PX = 1 << 22
"""Larger images are segmented at a lower resolution, which limits the precision of the edges."""
LAST_NUMBER = (1 << 16) - 1


@dataclass(frozen=True)
class _Grain:
    """Target number of superpixels of an image, and bounds of their side."""

    pieces: int
    min_side_px: float
    max_side_px: float

    def pieces_of(self, area_px: int) -> int:
        side = math.sqrt(area_px / self.pieces)
        bounded = min(max(side, self.min_side_px), self.max_side_px)
        # Making superpixels connected may split a smallest one in two.
        return max(1, min(round(area_px / bounded**2), LAST_NUMBER // 2))


GRAINS = {
    SuperpixelSize.FINE: _Grain(6000, 4, 40),
    SuperpixelSize.MEDIUM: _Grain(1500, 7, 80),
    SuperpixelSize.COARSE: _Grain(400, 12, 160),
}


def superpixels(image: Image) -> dict[SuperpixelSize, SuperpixelMap]:
    """Cut an image into connected superpixels of similar colour, in every size. Deterministic.

    Args:
        image: (H, W, 3) uint8.
    """
    with ThreadPoolExecutor(len(GRAINS)) as threads:
        maps = threads.map(lambda grain: _pieces(image, grain), GRAINS.values())
        return dict(zip(GRAINS, maps, strict=True))


def _pieces(image: Image, grain: _Grain) -> SuperpixelMap:
    height, width = image.shape[:2]
    small = _reduced(image)
    pieces = slic(
        small.astype(np.float32) / 255,
        n_segments=grain.pieces_of(height * width),
        compactness=COMPACTNESS,
        max_num_iter=ITERATIONS,
        start_label=0,
        channel_axis=2,
    )
    numbers: SuperpixelMap = np.minimum(pieces, LAST_NUMBER).astype(np.uint16)
    if small.shape == image.shape:
        return numbers
    enlarged = PILImage.fromarray(numbers).resize((width, height), PILImage.Resampling.NEAREST)
    return np.asarray(enlarged, dtype=np.uint16)


def _reduced(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = math.sqrt(MAX_COMPUTED_PX / (height * width))
    if scale >= 1:
        return image
    size = max(1, int(width * scale)), max(1, int(height * scale))
    return np.asarray(PILImage.fromarray(image).resize(size, PILImage.Resampling.BOX))


def superpixel_png(numbers: SuperpixelMap) -> bytes:
    """Return superpixels as a 16-bit grey PNG, not interlaced. Equal numbers give equal bytes."""
    file = io.BytesIO()
    PILImage.fromarray(numbers).save(file, format="PNG", compress_level=6)
    return file.getvalue()
