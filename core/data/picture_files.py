"""Opening and decoding pictures with Pillow, with a specific error for each fault of a file. Free of torch."""

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
"""Accepted formats, recognised by content, not by name; some of Pillow's other readers start programs."""
MAX_SIDE_PX = 16_384
MAX_PIXELS = 64_000_000
"""Larger pictures are refused from their header, before anything is decoded (SEC-5)."""

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
"""Format -> first bytes of its files."""
_ORIENTATION = 0x0112
"""The Exif tag with the rotation of a camera's picture."""
UPRIGHT = 1


@contextmanager
def opened_picture(
    path: Path, file: BinaryIO | None = None, formats: tuple[str, ...] = FORMATS
) -> Iterator[PILImage.Image]:
    """Open a picture from disk, or from `file` in memory, for which `path` is only a name; decode nothing yet.

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
    """Return Pillow's raw mode of the samples: `L`, `L;4`, `RGB;16B`; call this before decoding."""
    tiles: list[Any] = getattr(image, "tile", [])
    arguments = tiles[0][3] if tiles else None
    found = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return found if isinstance(found, str) else image.mode


def orientation(image: PILImage.Image) -> int:
    """Return the orientation tag of a picture, 1 to 8; 1 if it has none, or one that cannot be read."""
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
    """Return the fault of a file that no reader accepts: a broken picture, or no picture at all."""
    file.seek(0)
    start = file.read(16)
    form = next((name for name, signature in _SIGNATURES.items() if re.match(signature, start, re.DOTALL)), None)
    if form in formats:
        return _undecodable(path, ValueError("its header cannot be read"))
    no_picture = "is no picture" if start else "is no picture, for it is empty"
    found = no_picture if form is None else f"is a {form} picture"
    return DataFaultError(FaultKind.UNREADABLE, path, f"{found}; it must be one of {', '.join(formats)}")


def _undecodable(path: Path, error: Exception) -> DataFaultError:
    # Some of Pillow's messages repeat the path and others are vague, so its message is only the detail.
    return DataFaultError(
        FaultKind.UNREADABLE, path, f"cannot be decoded, it is damaged or cut short ({error}); copy the file again"
    )
