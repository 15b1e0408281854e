"""Small copies of a dataset's pictures and labels."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from core.data.catalog import ADAPTERS
from core.data.decoding import read_image
from core.data.faults import DataFaultError
from core.data.image_index import ImageEntry
from core.data.label_reading import label_reading
from core.data.pairing import ItemDecode, Pair, decoded_truth
from core.data.specs import FolderDatasetSpec
from core.data.truths import VIEWS
from server.errors import DataError
from server.services.datasets.images import Places, SourceFile, source_file
from server.services.small_pictures import PictureSize, SmallPicture, cached, draw_ids, draw_picture


def picture(folder: FolderDatasetSpec, entry: ImageEntry, size: PictureSize, *, places: Places) -> SmallPicture:
    """Return an image as WebP, at most 256 or 2048 pixels a side; raises DataError."""
    source = source_file(Path(folder.root), entry.image_path, entry.image_file, places)
    return _drawn(
        places, source, f"picture-{size}.webp", "image/webp", lambda: draw_picture(read_image(source.path), size)
    )


def labels(folder: FolderDatasetSpec, entry: ImageEntry, size: PictureSize, *, places: Places) -> SmallPicture:
    """Return a label map as an index PNG of raw ids, at the picture's size; raises DataError."""
    source = source_file(Path(folder.root), entry.label_path, entry.label_file, places)
    view = VIEWS[ADAPTERS[folder.adapter].samples]
    try:
        reading = label_reading(folder)
    except DataFaultError as error:
        raise DataError(f"{error}; then scan the dataset again") from error
    pair = Pair(entry.id, Path(folder.root) / entry.image_path, source.path)
    # One file may hold the labels of many images.
    shared = isinstance(reading.decode, ItemDecode)
    of_item = f"-{sha256(entry.id.encode()).hexdigest()[:16]}" if shared else ""
    name = f"labels{of_item}-{size}{reading.mark}.png"
    return _drawn(
        places, source, name, "image/png", lambda: draw_ids(view.draw(decoded_truth(reading.decode, pair)), size)
    )


def _drawn(places: Places, source: SourceFile, name: str, media_type: str, draw: Callable[[], bytes]) -> SmallPicture:
    try:
        return cached(places.data_home, source.sha256, name, media_type, draw)
    except DataFaultError as error:
        raise DataError(f"{error}; then scan the dataset again") from error
