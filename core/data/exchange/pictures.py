"""Label maps as pictures and back: indices with a palette, or colours through the label map. Free of torch."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

from core.data.classes import ClassTable
from core.data.colour_map import Palette, colour_map
from core.data.decoding import decode_label
from core.data.exchange.faults import ExchangeFault
from core.data.faults import DataFaultError, FaultKind
from core.data.samples import LabelMap

Packed = npt.NDArray[np.int64]
"""(H, W) red, green and blue of each pixel as one number."""
BLACK = 0
_LEVEL = 6


def palette_png(labels: LabelMap, palette: Palette) -> bytes:
    """Return an (H, W) label map as an 8-bit palette PNG; the same labels and colours give the same bytes."""
    picture = PILImage.fromarray(np.ascontiguousarray(labels, dtype=np.uint8), "L")
    # All 256 colours, lest the writer take fewer bits a pixel.
    picture.putpalette(palette.tobytes())
    return _png(picture)


def colour_png(labels: LabelMap, palette: Palette) -> bytes:
    """Return an (H, W) label map in colours as an RGB PNG."""
    return _png(PILImage.fromarray(colour_map(labels, palette)))


def decode_picture(data: bytes, name: str, size: tuple[int, int], classes: ClassTable) -> tuple[LabelMap, bool]:
    """Return a PNG as (H, W) uint8 raw ids, and whether they were read from colours.

    A PNG with a palette is read by its indices, whatever its colours are. One of colours is read through the colours of
    the classes, black being ignored.

    Args:
        data: the file.
        name: how messages call it.
        size: width and height that it must have.
        classes: with their colours.

    Raises:
        ExchangeFault: when it is no PNG, of another size, damaged, of another kind, or has a colour of no class.
    """
    try:
        return decode_label(data, name, size), False
    except DataFaultError as error:
        # The size was compared before the kind of its pixels.
        colours = _colours(data) if error.kind is FaultKind.NOT_AN_INDEX else None
        if colours is None:
            raise ExchangeFault(error.kind.code, str(error)) from error
    return _ids_of(colours, name, classes), True


def _colours(data: bytes) -> Packed | None:
    """Return red, green and blue of each pixel as one number; None for a picture of anything else."""
    try:
        with PILImage.open(io.BytesIO(data), formats=("PNG",)) as picture:
            if picture.mode != "RGB":
                return None
            channels = np.asarray(picture).astype(np.int64)
    except (OSError, SyntaxError, ValueError):
        return None
    packed: Packed = channels[..., 0] << 16 | channels[..., 1] << 8 | channels[..., 2]
    return packed


def _ids_of(packed: Packed, name: str, classes: ClassTable) -> LabelMap:
    ids: dict[int, list[int]] = {}
    for raw_id in classes.names:
        red, green, blue = classes.colour(raw_id)
        ids.setdefault(red << 16 | green << 8 | blue, []).append(raw_id)
    ids.setdefault(BLACK, [classes.ignore_id])
    found, place = np.unique(packed, return_inverse=True)
    for colour in found.tolist():
        if len(ids.get(colour, ())) != 1:
            rows, columns = np.nonzero(packed == colour)
            where = f"{name}: the colour #{colour:06x} at x {columns[0]}, y {rows[0]} ({len(rows)} pixels)"
            if colour in ids:
                raise ExchangeFault("ambiguous_colour", f"{where} is that of the classes {ids[colour]}; send raw ids")
            raise ExchangeFault("unknown_colour", f"{where} is of no class; send raw ids, one 8-bit index a pixel")
    table = np.array([ids[colour][0] for colour in found.tolist()], np.uint8)
    return table[place].reshape(packed.shape)


def _png(picture: PILImage.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG", compress_level=_LEVEL)
    return file.getvalue()
