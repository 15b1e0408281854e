"""Reduced pictures of whole images for the memory browser; nothing is trained on them."""

from __future__ import annotations

import io

from PIL import Image as PillowImage

from core.data.samples import Image

LONGEST_PX = 512
QUALITY = 85


def reduced_jpeg(pixels: Image) -> bytes:
    """Encode (h, w, 3) as JPEG, its longest side at most LONGEST_PX; the same pixels give the same bytes."""
    picture = PillowImage.fromarray(pixels)
    picture.thumbnail((LONGEST_PX, LONGEST_PX), PillowImage.Resampling.BOX)
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=QUALITY)
    return buffer.getvalue()
