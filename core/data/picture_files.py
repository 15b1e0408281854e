"""Pictures, opened and decoded by Pillow, with every way in which a file can be wrong named. Free of torch."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image as PILImage
from PIL import UnidentifiedImageError

from core.data.faults import DataFaultError, FaultKind
from core.data.plain_files import MAX_PICTURE_BYTES, opened_plainly

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
"""By content, whatever a file is called; Pillow knows others whose readers start programs."""
MAX_SIDE_PX = 16_384
MAX_PIXELS = 64_000_000
"""Larger pictures are refused by their header, before anything is decoded (SEC-5)."""

_UNDECODABLE = (
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG chunk
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
)
_SIGNATURES = {
    "PNG": rb"\x89PNG",
    "JPEG": rb"\xff\xd8\xff",
    "GIF": rb"GIF8",
    "WEBP": rb"RIFF....WEBP",
    "TIFF": rb"II\*\x00|MM\x00\*",
    "BMP": rb"BM",
}
"""How files of a form begin."""
_ORIENTATION = 0x0112
"""The Exif tag by which a camera says how to turn its picture."""
UPRIGHT = 1


@contextmanager
def opened_picture(
    path: Path, file: BinaryIO | None = None, formats: tuple[str, ...] = FORMATS
) -> Iterator[PILImage.Image]:
    """Open a picture, or one that is held in memory and only called so; nothing is decoded yet.

    Raises:
        DataFaultError: when the file is missing, no plain file, no picture of one of the formats, or too large.
    """
    try:
        opened = file if file is not None else opened_plainly(path, MAX_PICTURE_BYTES)
    except OSError as error:
        raise _undecodable(path, error) from None
    with opened, _identified(path, opened, formats) as image:
        width, height = image.size
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
            raise _too_large(path, f"is {width}x{height}")
        yield image


def decoded(image: PILImage.Image, path: Path) -> PILImage.Image:
    """Decode an opened picture to its end; raises DataFaultError when it is damaged."""
    try:
        image.load()
    except _UNDECODABLE as error:
        raise _undecodable(path, error) from None
    return image


def raw_mode(image: PILImage.Image) -> str:
    """Return how samples are stored, in Pillow's words: `L`, `L;4`, `RGB;16B`; to be asked before it is decoded."""
    tiles: list[Any] = getattr(image, "tile", [])
    arguments = tiles[0][3] if tiles else None
    found = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return found if isinstance(found, str) else image.mode


def orientation(image: PILImage.Image) -> int:
    """Return the orientation tag of a picture, 1 to 8; 1 where it has none, or one that cannot be read."""
    try:
        found = image.getexif().get(_ORIENTATION, UPRIGHT)
    except _UNDECODABLE:
        return UPRIGHT
    return found if isinstance(found, int) and 1 <= found <= 8 else UPRIGHT


def _identified(path: Path, file: BinaryIO, formats: tuple[str, ...]) -> PILImage.Image:
    try:
        return PILImage.open(file, formats=formats)
    except PILImage.DecompressionBombError:
        raise _too_large(path, f"has more than {MAX_PIXELS // 10**6} megapixels") from None
    except UnidentifiedImageError:
        raise _unidentified(path, file, formats) from None
    except _UNDECODABLE as error:
        raise _undecodable(path, error) from None


def _too_large(path: Path, found: str) -> DataFaultError:
    limits = f"{MAX_PIXELS // 10**6} megapixels and {MAX_SIDE_PX} pixels a side"
    return DataFaultError(FaultKind.TOO_LARGE, path, f"{found}; at most {limits} are read, so cut it into tiles")


def _unidentified(path: Path, file: BinaryIO, formats: tuple[str, ...]) -> DataFaultError:
    """Return what to say of something that no reader takes: the start of a picture that is broken, or none at all."""
    file.seek(0)
    start = file.read(16)
    form = next((name for name, signature in _SIGNATURES.items() if re.match(signature, start, re.DOTALL)), None)
    if form in formats:
        return _undecodable(path, ValueError("its header cannot be read"))
    no_picture = "is no picture" if start else "is no picture, for it is empty"
    found = no_picture if form is None else f"is a {form} picture"
    return DataFaultError(FaultKind.UNREADABLE, path, f"{found}; it must be one of {', '.join(formats)}")


def _undecodable(path: Path, error: Exception) -> DataFaultError:
    # Pillow repeats the path in some messages and says little in others; its words are kept as the detail.
    return DataFaultError(
        FaultKind.UNREADABLE, path, f"cannot be decoded, it is damaged or cut short ({error}); copy the file again"
    )
