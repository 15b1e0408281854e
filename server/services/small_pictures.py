"""Small copies of pictures and maps, cached on disk under the digest of their source."""

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
"""Limits concurrent decoding: a 64-megapixel picture takes 200 MB, and a page requests a hundred at once."""

_decoding = threading.BoundedSemaphore(DECODES_AT_ONCE)


@dataclass(frozen=True)
class SmallPicture:
    """A file of the cache.

    Attributes:
        tag: names the file's content: the digest of its source and the way it was made.
    """

    path: Path
    tag: str
    media_type: str


def cached(data_home: Path, sha256: str, name: str, media_type: str, draw: Callable[[], bytes]) -> SmallPicture:
    """Return the small copy of a digest's content. Draw it if it is not cached; raises the errors of `draw`."""
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
    """Return an image as WebP, made from the pixels only, so that no metadata is passed on."""
    drawn = PILImage.fromarray(image)
    small = drawn.resize(_fitted(drawn.size, size), PILImage.Resampling.LANCZOS, reducing_gap=2.0)
    return _saved(small, "WEBP", quality=80)


def draw_ids(ids: LabelMap, size: PictureSize) -> bytes:
    """Return ids as an index PNG; each pixel takes one of the original ids, never a value between them."""
    return _resized(ids, size, PILImage.Resampling.NEAREST)


def draw_shades(shades: LabelMap, size: PictureSize) -> bytes:
    """Return a scaled 8-bit map as a PNG; each pixel is the mean of the pixels it covers."""
    return _resized(shades, size, PILImage.Resampling.BOX)


def draw_mask(mask: LabelMap, size: PictureSize) -> bytes:
    """Return a mask as a PNG; a pixel is 255 if any mask pixel that it covers is set."""
    # The mean of one set pixel in 60 would round down to 0 in integers; floats keep it.
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
