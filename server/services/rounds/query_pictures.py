"""Thumbnails of a query's layers: a page of full-size queries would load slowly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.data.decoding import read_image, read_label
from core.data.faults import DataFaultError
from server.errors import ContentMissingError
from server.services.small_pictures import SmallPicture, cached, draw_ids, draw_mask, draw_picture, draw_shades
from server.storage import MissingFile, Storage


class QueryLayer(StrEnum):
    """What is shown."""

    PICTURE = "picture"
    REGION = "region"
    LABELS = "labels"
    UNCERTAINTY = "uncertainty"


@dataclass(frozen=True)
class _Drawing:
    draw: Callable[[Path], bytes]
    suffix: str = "png"


_DRAWINGS: Mapping[QueryLayer, _Drawing] = {
    QueryLayer.PICTURE: _Drawing(lambda path: draw_picture(read_image(path), "thumbnail"), "webp"),
    QueryLayer.REGION: _Drawing(lambda path: draw_mask(read_label(path), "thumbnail")),
    QueryLayer.LABELS: _Drawing(lambda path: draw_ids(read_label(path), "thumbnail")),
    QueryLayer.UNCERTAINTY: _Drawing(lambda path: draw_shades(read_label(path), "thumbnail")),
}


def thumbnail(storage: Storage, sha256: str, layer: QueryLayer, *, data_home: Path) -> SmallPicture:
    """Return a stored picture or map, at most 256 pixels a side; raises ContentMissingError."""
    drawing = _DRAWINGS[layer]
    name = f"query-{layer}.{drawing.suffix}"
    try:
        path = storage.path(sha256)
        return cached(data_home, sha256, name, f"image/{drawing.suffix}", lambda: drawing.draw(path))
    except (MissingFile, DataFaultError) as error:
        raise ContentMissingError(f"the {layer} {sha256} cannot be read from storage") from error
