"""Image and label files to arrays, with every way in which a file can be wrong named. Free of torch."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from core.data.faults import DataFaultError, FaultKind
from core.data.samples import Image, LabelMap

_UNDECODABLE = (
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG chunk
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    PILImage.DecompressionBombError,
)
_INDEX_MODES = ("P", "L", "1")


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
        if image.mode not in _INDEX_MODES:
            raise DataFaultError(
                FaultKind.NOT_AN_INDEX,
                path,
                f"a label must be an 8-bit index image (mode P or L), and this one has mode {image.mode}; "
                "write class ids, not colours",
            )
        return np.asarray(_decoded(image, path), dtype=np.uint8)


def image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) from the file's header alone.

    Raises:
        DataFaultError: when the file is missing or is no image.
    """
    with _opened(path) as image:
        return image.size


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


def _opened(path: Path) -> PILImage.Image:
    try:
        return PILImage.open(path)
    except FileNotFoundError:
        raise DataFaultError(FaultKind.MISSING_FILE, path, "does not exist") from None
    except _UNDECODABLE as error:
        raise _undecodable(path, error) from None


def _decoded(image: PILImage.Image, path: Path) -> PILImage.Image:
    try:
        image.load()
    except _UNDECODABLE as error:
        raise _undecodable(path, error) from None
    return image


def _undecodable(path: Path, error: Exception) -> DataFaultError:
    # Pillow repeats the path in some messages and says little in others; its words are kept as the detail.
    return DataFaultError(
        FaultKind.UNREADABLE, path, f"cannot be decoded, it is damaged or cut short ({error}); copy the file again"
    )
