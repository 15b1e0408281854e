"""Small copies of pictures and maps, kept on disk under the digest of what they were made from."""

from __future__ import annotations

import io
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image as PILImage

from core.data.samples import Image, LabelMap

PictureSize = Literal["thumbnail", "full"]

LONGER_SIDE_PX: dict[PictureSize, int] = {"thumbnail": 256, "full": 2048}
DECODES_AT_ONCE = 4
"""A picture of 64 megapixels takes 200 MB while it is decoded, and a page asks for a hundred at the same time."""

_decoding = threading.BoundedSemaphore(DECODES_AT_ONCE)


@dataclass(frozen=True)
class SmallPicture:
    """A file of the cache.

    Attributes:
        tag: names its content: the digest of its source and how it was made.
    """

    path: Path
    tag: str
    media_type: str


def cached(data_home: Path, sha256: str, name: str, media_type: str, draw: Callable[[], bytes]) -> SmallPicture:
    """Return the small copy of what a digest names, drawing it where it is not there yet; raises what `draw` does."""
    tag = f"{sha256}-{name}"
    path = data_home / "pictures" / sha256[:2] / tag
    if not path.is_file():
        with _decoding:
            content = draw()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as aside:
            aside.write(content)
        Path(aside.name).replace(path)
    return SmallPicture(path, tag, media_type)


def draw_picture(image: Image, size: PictureSize) -> bytes:
    """Return an image as WebP; made from the pixels alone, so nothing of a file's metadata is passed on."""
    drawn = PILImage.fromarray(image)
    small = drawn.resize(_fitted(drawn.size, size), PILImage.Resampling.LANCZOS, reducing_gap=2.0)
    return _saved(small, "WEBP", quality=80)


def draw_ids(ids: LabelMap, size: PictureSize) -> bytes:
    """Return ids as an index PNG; a pixel has one of the ids that lie there, and none in between."""
    return _resized(ids, size, PILImage.Resampling.NEAREST)


def draw_shades(shades: LabelMap, size: PictureSize) -> bytes:
    """Return an 8-bit map as a PNG of the means."""
    return _resized(shades, size, PILImage.Resampling.BOX)


def draw_mask(mask: LabelMap, size: PictureSize) -> bytes:
    """Return a mask as a PNG that is 255 wherever any pixel of the mask is set, however few they are."""
    # A mean of one pixel in 60 would be rounded down; a mean of floats is not.
    shares = PILImage.fromarray((mask > 0).astype(np.float32))
    small = np.asarray(shares.resize(_fitted(shares.size, size), PILImage.Resampling.BOX))
    return _saved(PILImage.fromarray((small > 0).astype(np.uint8) * 255), "PNG")


def _resized(labels: LabelMap, size: PictureSize, resampling: PILImage.Resampling) -> bytes:
    drawn = PILImage.fromarray(np.ascontiguousarray(labels))
    return _saved(drawn.resize(_fitted(drawn.size, size), resampling), "PNG")


def _saved(image: PILImage.Image, form: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def _fitted(size: tuple[int, int], wanted: PictureSize) -> tuple[int, int]:
    """Return the size that fits the longer side into its limit; nothing is enlarged."""
    scale = min(1.0, LONGER_SIDE_PX[wanted] / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
