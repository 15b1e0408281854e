"""Decoding of images (8 bits per channel) and labels (one class id per pixel) to arrays. Free of torch."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

from core.data.faults import DataFaultError, FaultKind
from core.data.picture_files import UPRIGHT, decoded, opened_picture, orientation, raw_mode
from core.data.samples import Image, LabelMap

_INDEX_MODES = ("P", "L", "1")
_COLOUR_MODES = ("RGB", "P")
_GREY_STEPS = {"L;2": 85, "L;4": 17}
"""Grey modes of 2 and 4 bits -> the factor by which Pillow scales them to 0 to 255."""
_STRAIGHT = frozenset({"1", "L", "P", "P;1", "P;2", "P;4", *_GREY_STEPS})
"""Raw modes in which ids may be stored; other modes have another bit order, or 0 for white."""
_JPEG_FORMATS = ("JPEG", "MPO")
"""JPEG without and with previews of the same picture."""
_LOSSY_FORMATS = (*_JPEG_FORMATS, "WEBP")
_LOSSY_COMPRESSIONS = frozenset({"jpeg", "tiff_jpeg", "old_jpeg", "webp"})
"""Lossy compressions of TIFF."""


@dataclass(frozen=True)
class PictureHeader:
    """The header of a picture.

    Attributes:
        size: width and height as stored.
        mode: Pillow's mode.
        orientation: the Exif tag, 1 to 8; 1 = upright, 5 to 8 exchange width and height. It is never applied.
    """

    size: tuple[int, int]
    mode: str
    orientation: int = UPRIGHT


def read_image(path: Path) -> Image:
    """Return an image as (H, W, 3) uint8 RGB, as stored: an orientation tag is not applied.

    Raises:
        DataFaultError: when the file is missing, has more than 8 bits a channel, or cannot be decoded to its end.
    """
    with opened_picture(path) as image:
        _require_8_bits(image, path)
        _require_one_frame(image, path)
        return np.asarray(decoded(image, path).convert("RGB"))


def read_label(path: Path) -> LabelMap:
    """Return an index image as (H, W) uint8 raw class ids; it may have 1, 2, 4 or 8 bits per pixel.

    Raises:
        DataFaultError: when the file is missing, cannot be decoded to its end, is stored in a lossy format, or holds
            colours or 16-bit values instead of one index a pixel.
    """
    with opened_picture(path) as image:
        return _index_of(image, path)


def decode_label(data: bytes, name: str, size: tuple[int, int]) -> LabelMap:
    """Return an uploaded index PNG as (H, W) uint8 raw class ids.

    Args:
        data: content of the file.
        name: name of the file in messages.
        size: required width and height; the header is compared before anything is decoded.

    Raises:
        DataFaultError: when it is no PNG, of another size, damaged, or holds colours or 16-bit values.
    """
    with _sent(data, name, size) as image:
        return _index_of(image, Path(name))


def decode_colours(data: bytes, name: str, size: tuple[int, int]) -> Image:
    """Return an uploaded colour PNG, with channels or a palette, as (H, W, 3) uint8; see `decode_label`.

    Raises:
        DataFaultError: when it is no PNG, of another size, damaged, or holds anything but colours of 8 bits.
    """
    with _sent(data, name, size) as image:
        path = Path(name)
        _require_8_bits(image, path)
        if image.mode not in _COLOUR_MODES:
            problem = f"has mode {image.mode}, and colours are of mode RGB or P"
            raise DataFaultError(FaultKind.NOT_AN_INDEX, path, problem)
        return np.asarray(decoded(image, path).convert("RGB"))


def is_grey(data: bytes, name: str) -> bool:
    """Return whether an uploaded PNG has one channel and no palette; raises DataFaultError if it is no PNG."""
    with opened_picture(Path(name), io.BytesIO(data), ("PNG",)) as image:
        return image.mode in ("1", "L")


@contextmanager
def _sent(data: bytes, name: str, size: tuple[int, int]) -> Iterator[PILImage.Image]:
    """Open an uploaded PNG, after comparing its size."""
    path = Path(name)
    with opened_picture(path, io.BytesIO(data), ("PNG",)) as image:
        if image.size != size:
            raise DataFaultError(
                FaultKind.SIZE_MISMATCH,
                path,
                f"is {image.size[0]}x{image.size[1]}, its image is {size[0]}x{size[1]}; both need the same size",
            )
        yield image


def read_wide_label(path: Path) -> npt.NDArray[np.uint16]:
    """Return the first channel of a PNG with 16 bits per channel as (H, W); 8 bits are accepted too.

    Pillow keeps only the higher byte of each 16-bit sample, or the lower one if it is told the other byte order. The
    file is decoded in both byte orders, so that an id above 255 is read correctly.

    Raises:
        DataFaultError: when the file is missing, lossy, or cannot be decoded to its end.
    """
    low, high = _one_byte(path, "RGB;16L"), _one_byte(path, "RGB;16B")
    if low is None or high is None:
        with opened_picture(path) as image:
            _require_lossless(image, path)
            found = np.asarray(decoded(image, path))
        return (found if found.ndim == 2 else found[..., 0]).astype(np.uint16)
    return low.astype(np.uint16) + 256 * high.astype(np.uint16)


def image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) from the file's header alone.

    Raises:
        DataFaultError: when the file is missing or is no image.
    """
    return image_header(path).size


def image_header(path: Path) -> PictureHeader:
    """Return a file's header, without decoding the picture.

    Raises:
        DataFaultError: when the file is missing or is no image.
    """
    with opened_picture(path) as image:
        return PictureHeader(image.size, image.mode, orientation(image))


def require_same_size(image_path: Path, image: PictureHeader, label_path: Path, label_wh: tuple[int, int]) -> None:
    """Refuse a label map whose size differs from its image's.

    Raises:
        DataFaultError: naming both files and both sizes, and the image's orientation tag, if any.
    """
    if image.size != label_wh:
        turned = f"; {orientation_problem(image)}" if image.orientation != UPRIGHT else ""
        raise DataFaultError(
            FaultKind.SIZE_MISMATCH,
            label_path,
            f"is {label_wh[0]}x{label_wh[1]} but its image {image_path.name} is {image.size[0]}x{image.size[1]}; "
            f"both need the same size{turned}",
        )


def orientation_problem(image: PictureHeader) -> str:
    """Return a sentence on what the orientation tag means for labels."""
    return (
        f"the image has the orientation tag {image.orientation}, which is not applied: it is read as it is stored, "
        f"{image.size[0]}x{image.size[1]}, and its label must lie in that frame; turn the label, or write the image "
        "upright and without the tag"
    )


def _index_of(image: PILImage.Image, path: Path) -> LabelMap:
    _require_lossless(image, path)
    _require_one_frame(image, path)
    if image.mode not in _INDEX_MODES:
        is_wide = image.mode.startswith(("I", "F"))
        way_out = "write class ids of 8 bits a pixel" if is_wide else "write class ids, not colours"
        raise DataFaultError(
            FaultKind.NOT_AN_INDEX,
            path,
            f"a label must be an 8-bit index image (mode P or L), and this one has mode {image.mode}; {way_out}",
        )
    stored = raw_mode(image)
    if stored not in _STRAIGHT:
        problem = f"class ids are stored in the form {stored}, which may mean others; write them as 8-bit PNG"
        raise DataFaultError(FaultKind.NOT_AN_INDEX, path, problem)
    ids = np.asarray(decoded(image, path), dtype=np.uint8)
    return ids // np.uint8(_GREY_STEPS[stored]) if stored in _GREY_STEPS else ids


def _one_byte(path: Path, raw: str) -> LabelMap | None:
    """Return one byte of each sample of the first channel, or None if samples have a single byte."""
    with opened_picture(path) as image:
        if raw_mode(image) != "RGB;16B":
            return None
        tile = getattr(image, "tile")[0]  # noqa: B009 - Pillow's types do not know it
        setattr(image, "tile", [tile._replace(args=raw)])  # noqa: B010
        return np.asarray(decoded(image, path))[..., 0]


def _require_8_bits(image: PILImage.Image, path: Path) -> None:
    stored = raw_mode(image)
    # Modes whose name begins with BGR have 16 bits per pixel, not per channel.
    is_deep = any(bits in stored for bits in (";16", ";32")) and not stored.startswith("BGR")
    if is_deep or image.mode.startswith(("I", "F")):
        found = "floating-point values" if image.mode.startswith("F") else "more than 8 bits"
        problem = (
            f"has mode {image.mode} ({stored}), {found} a channel, and 8 bits are read; "
            "write images of 8 bits, all of them scaled by the same factor"
        )
        raise DataFaultError(FaultKind.WRONG_DEPTH, path, problem)


def _require_lossless(image: PILImage.Image, path: Path) -> None:
    compression = image.info.get("compression")
    if image.format in _LOSSY_FORMATS or compression in _LOSSY_COMPRESSIONS:
        form = image.format if image.format in _LOSSY_FORMATS else f"{image.format} ({compression})"
        problem = f"is stored as {form}, which changes class ids; write labels as PNG from the original ids"
        raise DataFaultError(FaultKind.LOSSY, path, problem)


def _require_one_frame(image: PILImage.Image, path: Path) -> None:
    frames = getattr(image, "n_frames", 1) if image.format not in _JPEG_FORMATS else 1
    if frames > 1:
        problem = f"holds {frames} pictures, and one is read; write one picture a file"
        raise DataFaultError(FaultKind.UNREADABLE, path, problem)
