"""Image and label files to arrays, with every way in which a file can be wrong named. Free of torch."""

from __future__ import annotations

import io
import re
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage
from PIL import UnidentifiedImageError

from core.data.faults import DataFaultError, FaultKind
from core.data.samples import Image, LabelMap

_UNDECODABLE = (
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG chunk
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
)
_INDEX_MODES = ("P", "L", "1")
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
"""By content, whatever a file is called; Pillow knows others whose readers start programs."""
_SIGNATURES = {
    "PNG": rb"\x89PNG",
    "JPEG": rb"\xff\xd8\xff",
    "GIF": rb"GIF8",
    "WEBP": rb"RIFF....WEBP",
    "TIFF": rb"II\*\x00|MM\x00\*",
    "BMP": rb"BM",
}
"""How files of a form begin."""
MAX_SIDE_PX = 16_384
MAX_PIXELS = 64_000_000
"""Larger pictures are refused by their header, before anything is decoded (SEC-5)."""


def read_image(path: Path) -> Image:
    """Return an image as (H, W, 3) uint8 RGB.

    Raises:
        DataFaultError: when the file is missing or cannot be decoded to its end.
    """
    with _opened(path) as image:
        return np.asarray(_decoded(image, path).convert("RGB"))


def read_label(path: Path) -> LabelMap:
    """Return an index image as (H, W) uint8 raw class ids.

    Raises:
        DataFaultError: when the file is missing, cannot be decoded to its end, or holds colours or 16-bit values
            instead of one 8-bit index a pixel.
    """
    with _opened(path) as image:
        return _index_of(image, path)


def _index_of(image: PILImage.Image, path: Path) -> LabelMap:
    if image.mode not in _INDEX_MODES:
        is_wide = image.mode.startswith(("I", "F"))
        way_out = "write class ids of 8 bits a pixel" if is_wide else "write class ids, not colours"
        raise DataFaultError(
            FaultKind.NOT_AN_INDEX,
            path,
            f"a label must be an 8-bit index image (mode P or L), and this one has mode {image.mode}; {way_out}",
        )
    return np.asarray(_decoded(image, path), dtype=np.uint8)


def decode_label(data: bytes, name: str, size: tuple[int, int]) -> LabelMap:
    """Return an index PNG that somebody sent as (H, W) uint8 raw class ids.

    Args:
        data: the file.
        name: how messages call it.
        size: width and height that it must have; another one is refused by the header, before anything is decoded.

    Raises:
        DataFaultError: when it is no PNG, of another size, damaged, or holds colours or 16-bit values.
    """
    path = Path(name)
    with _opened(path, io.BytesIO(data), ("PNG",)) as image:
        if image.size != size:
            raise DataFaultError(
                FaultKind.SIZE_MISMATCH,
                path,
                f"is {image.size[0]}x{image.size[1]}, its image is {size[0]}x{size[1]}; both need the same size",
            )
        return _index_of(image, path)


def read_wide_label(path: Path) -> npt.NDArray[np.uint16]:
    """Return the first channel of a PNG with 16 bits a channel as (H, W); one of 8 bits is taken as it is.

    Pillow keeps one byte of each 16-bit sample, the higher one; told that the bytes lie the other way round it keeps
    the lower one. The file is decoded in both ways, so that an id above 255 is not taken for another.

    Raises:
        DataFaultError: when the file is missing or cannot be decoded to its end.
    """
    low, high = _one_byte(path, "RGB;16L"), _one_byte(path, "RGB;16B")
    if low is None or high is None:
        with _opened(path) as image:
            decoded = np.asarray(_decoded(image, path))
        return (decoded if decoded.ndim == 2 else decoded[..., 0]).astype(np.uint16)
    return low.astype(np.uint16) + 256 * high.astype(np.uint16)


def _one_byte(path: Path, raw_mode: str) -> LabelMap | None:
    """Return one byte of each sample of the first channel, or None where samples have a single byte."""
    with _opened(path) as image:
        tiles: list[Any] = getattr(image, "tile", [])
        if not tiles or tiles[0].args != "RGB;16B":
            return None
        setattr(image, "tile", [tiles[0]._replace(args=raw_mode)])  # noqa: B010 - Pillow's types do not know it
        return np.asarray(_decoded(image, path))[..., 0]


def image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) from the file's header alone.

    Raises:
        DataFaultError: when the file is missing or is no image.
    """
    return image_header(path)[0]


def image_header(path: Path) -> tuple[tuple[int, int], str]:
    """Return (width, height) and Pillow's mode from the file's header alone.

    Raises:
        DataFaultError: when the file is missing or is no image.
    """
    with _opened(path) as image:
        return image.size, image.mode


def require_same_size(image_path: Path, image_wh: tuple[int, int], label_path: Path, label_wh: tuple[int, int]) -> None:
    """Refuse a label map that does not lie on its image.

    Raises:
        DataFaultError: naming both files and both sizes.
    """
    if image_wh != label_wh:
        raise DataFaultError(
            FaultKind.SIZE_MISMATCH,
            label_path,
            f"is {label_wh[0]}x{label_wh[1]} but its image {image_path.name} is {image_wh[0]}x{image_wh[1]}; "
            "both need the same size",
        )


def _opened(path: Path, file: BinaryIO | None = None, formats: tuple[str, ...] = _FORMATS) -> PILImage.Image:
    """Open a picture at a path, or one that is held in memory and only called so."""
    try:
        image = PILImage.open(file or path, formats=formats)
    except FileNotFoundError:
        raise DataFaultError(FaultKind.MISSING_FILE, path, "does not exist") from None
    except PILImage.DecompressionBombError:
        raise _too_large(path, f"has more than {MAX_PIXELS // 10**6} megapixels") from None
    except UnidentifiedImageError:
        raise _unidentified(path, file, formats) from None
    except _UNDECODABLE as error:
        raise _undecodable(path, error) from None
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
        image.close()
        raise _too_large(path, f"is {width}x{height}")
    return image


def _decoded(image: PILImage.Image, path: Path) -> PILImage.Image:
    try:
        image.load()
    except _UNDECODABLE as error:
        raise _undecodable(path, error) from None
    return image


def _too_large(path: Path, found: str) -> DataFaultError:
    limits = f"{MAX_PIXELS // 10**6} megapixels and {MAX_SIDE_PX} pixels a side"
    return DataFaultError(FaultKind.TOO_LARGE, path, f"{found}; at most {limits} are read, so cut it into tiles")


def _unidentified(path: Path, file: BinaryIO | None, formats: tuple[str, ...]) -> DataFaultError:
    """Return what to say of something that no reader takes: the start of a picture that is broken, or none at all."""
    if file is None:
        with path.open("rb") as opened:
            start = opened.read(16)
    else:
        file.seek(0)
        start = file.read(16)
    form = next((name for name, signature in _SIGNATURES.items() if re.match(signature, start, re.DOTALL)), None)
    if form in formats:
        return _undecodable(path, ValueError("its header cannot be read"))
    found = "is no picture" if form is None else f"is a {form} picture"
    return DataFaultError(FaultKind.UNREADABLE, path, f"{found}; it must be one of {', '.join(formats)}")


def _undecodable(path: Path, error: Exception) -> DataFaultError:
    # Pillow repeats the path in some messages and says little in others; its words are kept as the detail.
    return DataFaultError(
        FaultKind.UNREADABLE, path, f"cannot be decoded, it is damaged or cut short ({error}); copy the file again"
    )
