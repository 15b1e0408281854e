"""Encoding label maps as pictures, and decoding them: indices with a palette, or colours. Free of torch."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image as PILImage

from core.data.classes import ClassTable
from core.data.colour_map import Palette, colour_map
from core.data.decoding import decode_colours, decode_label, is_grey
from core.data.exchange.colours import ColourMap, Packed, colours_of, ids_of
from core.data.exchange.faults import ExchangeFault
from core.data.faults import DataFaultError, FaultKind
from core.data.samples import Image, LabelMap

_LEVEL = 6


def palette_png(labels: LabelMap, palette: Palette) -> bytes:
    """Return an (H, W) label map as an 8-bit palette PNG; the same labels and colours give the same bytes."""
    picture = PILImage.fromarray(np.ascontiguousarray(labels, dtype=np.uint8), "L")
    # All 256 colours, because with fewer the writer may use fewer bits per pixel.
    picture.putpalette(palette.tobytes())
    return _png(picture)


def colour_png(labels: LabelMap, palette: Palette) -> bytes:
    """Return an (H, W) label map in colours as an RGB PNG."""
    return _png(PILImage.fromarray(colour_map(labels, palette)))


def decode_picture(
    data: bytes, name: str, size: tuple[int, int], classes: ClassTable, colours: ColourMap | None = None
) -> tuple[LabelMap, bool]:
    """Return a PNG as (H, W) uint8 raw ids, and whether they were read from colours.

    A PNG with a palette is read by its indices, whatever its colours are. A PNG of colours is read by the classes'
    colours, with black as ignored. If `colours` is given, it is used for both kinds.

    Args:
        data: content of the file.
        name: name of the file in messages.
        size: required width and height.
        classes: the classes with their colours.
        colours: meaning of the colours in this file.

    Raises:
        ExchangeFault: when it is no PNG, of another size, damaged, of another kind, or has a colour of no class.
    """
    try:
        if colours is None or is_grey(data, name):
            return decode_label(data, name, size), False
        return ids_of(_packed(decode_colours(data, name, size)), name, colours), True
    except DataFaultError as error:
        # Any other fault is final; only a picture that is no index image may be one of colours.
        if error.kind is not FaultKind.NOT_AN_INDEX:
            raise ExchangeFault(error.kind.code, str(error)) from error
        return _by_class_colours(data, name, size, classes, error), True


def _by_class_colours(
    data: bytes, name: str, size: tuple[int, int], classes: ClassTable, refused: DataFaultError
) -> LabelMap:
    try:
        packed = _packed(decode_colours(data, name, size))
    except DataFaultError as error:
        # The fault found when reading it as an index picture is more helpful.
        raise ExchangeFault(refused.kind.code, str(refused)) from error
    return ids_of(packed, name, colours_of(classes))


def _packed(picture: Image) -> Packed:
    channels = picture.astype(np.int64)
    packed: Packed = channels[..., 0] << 16 | channels[..., 1] << 8 | channels[..., 2]
    return packed


def _png(picture: PILImage.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG", compress_level=_LEVEL)
    return file.getvalue()
