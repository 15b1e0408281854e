"""Small pictures of memory entries for the memory browser."""

from __future__ import annotations

import numpy as np
from PIL import Image as PillowImage

from core.data.classes import IGNORE_INDEX
from core.memory.entry import InstanceEntry, encode_png

SIDE_PX = 96
BACKDROP = 128
"""Mid-grey: neutral, and visible on a light and a dark page."""


def render_thumbnail(entry: InstanceEntry) -> bytes:
    """Return a PNG of SIDE_PX x SIDE_PX: the entry's classes on a grey backdrop, as large as fits, in the middle."""
    is_kept = entry.label_crop != IGNORE_INDEX
    cut_out = np.where(is_kept[:, :, None], entry.crop, np.uint8(BACKDROP))
    height, width = is_kept.shape
    scale = SIDE_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Averaging keeps a shrunken instance readable; a blown-up one is clearer with its pixels left square.
    method = PillowImage.Resampling.BOX if scale < 1 else PillowImage.Resampling.NEAREST
    thumbnail = PillowImage.new("RGB", (SIDE_PX, SIDE_PX), (BACKDROP,) * 3)
    corner = ((SIDE_PX - size[0]) // 2, (SIDE_PX - size[1]) // 2)
    thumbnail.paste(PillowImage.fromarray(cut_out).resize(size, method), corner)
    return encode_png(np.asarray(thumbnail))
