"""Files of soft labels: one image's probabilities as a grey PNG, classes stacked vertically (CoaST 4.2).

Browsers and image libraries can read them. Free of torch.
"""

from __future__ import annotations

import io
import zlib
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures

from core.errors import StorageError

Bits = Literal[8, 16]
SoftLabel = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""(C, h, w) probabilities times 255 or 65535, rounded."""
_TYPES: dict[Bits, type[np.uint8] | type[np.uint16]] = {8: np.uint8, 16: np.uint16}
SUFFIX = ".png"


def quantised(probs: npt.NDArray[np.float32], bits: Bits) -> SoftLabel:
    """Return (C, h, w) probabilities as integers; the error is at most half a step, 1/510 or 1/131070."""
    kind = _TYPES[bits]
    return cast(SoftLabel, np.rint(probs * np.iinfo(kind).max).astype(kind))


def encode_soft_label(label: SoftLabel) -> bytes:
    """Return the file of a soft label (C, h, w)."""
    classes, height, width = label.shape
    file = io.BytesIO()
    picture = Pictures.fromarray(np.ascontiguousarray(label).reshape(classes * height, width))
    # Most classes are absent from an image, so run-length coding of zeros saves the most.
    picture.save(file, format="PNG", compress_level=6, compress_type=zlib.Z_RLE)
    return file.getvalue()


def decode_soft_label(data: bytes, num_classes: int, name: str) -> SoftLabel:
    """Return the soft label (C, h, w) of a file.

    Args:
        data: content of the file.
        num_classes: C.
        name: name of the file, for messages.

    Raises:
        StorageError: if the file is not a soft label of C classes.
    """
    try:
        with Pictures.open(io.BytesIO(data)) as picture:
            pixels = np.asarray(picture)
    except OSError as error:
        raise StorageError(f"{name}: cannot be read as a soft label: {error}") from error
    if pixels.ndim != 2 or pixels.dtype not in _TYPES.values() or len(pixels) % num_classes:
        found = f"a picture of {pixels.shape} {pixels.dtype}"
        raise StorageError(f"{name}: {found} is no soft label of {num_classes} classes")
    return pixels.reshape(num_classes, -1, pixels.shape[1])
