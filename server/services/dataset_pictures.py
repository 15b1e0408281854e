"""Small copies of a dataset's pictures and labels, kept on disk under the digest of what they were made from."""

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

from core.data.catalog import ADAPTERS, FolderDatasetSpec
from core.data.decoding import read_image
from core.data.faults import DataFaultError
from core.data.image_index import ImageEntry
from core.data.samples import LabelMap
from server.errors import DataError
from server.services.dataset_images import Places, SourceFile, source_file

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


def picture(folder: FolderDatasetSpec, entry: ImageEntry, size: PictureSize, *, places: Places) -> SmallPicture:
    """Return an image as WebP, at most 256 or 2048 pixels a side; raises DataError."""
    source = source_file(Path(folder.root), entry.image_path, entry.image_file, places)
    return _cached(places.data_home, source, f"picture-{size}.webp", "image/webp", lambda: _draw(source.path, size))


def labels(folder: FolderDatasetSpec, entry: ImageEntry, size: PictureSize, *, places: Places) -> SmallPicture:
    """Return a label as index PNG of raw ids, of the size of the picture; raises DataError."""
    source = source_file(Path(folder.root), entry.label_path, entry.label_file, places)
    read = ADAPTERS[folder.adapter].load().read_label
    return _cached(
        places.data_home, source, f"labels-{size}.png", "image/png", lambda: _draw_ids(read(source.path), size)
    )


def _cached(data_home: Path, source: SourceFile, name: str, media_type: str, draw: Callable[[], bytes]) -> SmallPicture:
    tag = f"{source.sha256}-{name}"
    path = data_home / "pictures" / source.sha256[:2] / tag
    if not path.is_file():
        with _decoding:
            try:
                content = draw()
            except DataFaultError as error:
                raise DataError(f"{error}; then scan the dataset again") from error
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as aside:
            aside.write(content)
        Path(aside.name).replace(path)
    return SmallPicture(path, tag, media_type)


def _draw(path: Path, size: PictureSize) -> bytes:
    image = PILImage.fromarray(read_image(path))
    wanted = _fitted(image.size, size)
    buffer = io.BytesIO()
    # Made from the pixels alone, so nothing of the file's metadata is passed on.
    image.resize(wanted, PILImage.Resampling.LANCZOS, reducing_gap=2.0).save(buffer, "WEBP", quality=80)
    return buffer.getvalue()


def _draw_ids(ids: LabelMap, size: PictureSize) -> bytes:
    label = PILImage.fromarray(np.ascontiguousarray(ids))
    buffer = io.BytesIO()
    label.resize(_fitted(label.size, size), PILImage.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


def _fitted(size: tuple[int, int], wanted: PictureSize) -> tuple[int, int]:
    """Return the size that fits the longer side into its limit; nothing is enlarged."""
    scale = min(1.0, LONGER_SIDE_PX[wanted] / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
