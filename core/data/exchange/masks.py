"""Masks of one class as run lengths or outlines, in COCO's forms. Free of torch.

The size of an uploaded mask is checked before memory of that size is allocated (SEC-6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

from core.data.exchange.faults import ExchangeFault
from core.data.exchange.outlines import LEAST_VERTICES, clipped, require_drawable, vertices_of

_MAX_CHARACTERS = 7
"""Maximum number of characters of one run length; 35 bits count more pixels than any picture has."""

BoolMap = npt.NDArray[np.bool_]
Runs = npt.NDArray[np.int64]


def encode_rle(mask: BoolMap) -> dict[str, Any]:
    """Return an (H, W) mask as COCO's compressed run lengths: `{"size": [H, W], "counts": text}`."""
    rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": [int(side) for side in rle["size"]], "counts": rle["counts"].decode("ascii")}


def area_and_box(rle: dict[str, Any]) -> tuple[int, list[float]]:
    """Return the number of pixels of run lengths, and the box around them as left, top, width, height."""
    return int(coco_mask.area(rle)), [float(side) for side in coco_mask.toBbox(rle)]


@dataclass(frozen=True)
class Segment:
    """The pixels that a segmentation covers.

    Attributes:
        mask: (H, W); None if the segmentation encloses no pixel.
        dropped: number of pieces with fewer than three vertices.
        is_clipped: whether a piece left the image by a little and was cut at its border.
    """

    mask: BoolMap | None
    dropped: int = 0
    is_clipped: bool = False


def decode_segmentation(segmentation: object, size: tuple[int, int]) -> Segment:
    """Return the pixels that a COCO segmentation covers: run lengths, compressed or not, or polygons.

    A single polygon need not be in a list. An empty list or None covers nothing.

    Args:
        segmentation: segmentation from the document.
        size: width and height of the image.

    Raises:
        ExchangeFault: when it has another form or another size, or is too large.
    """
    if isinstance(segmentation, dict):
        return Segment(_decode_rle(segmentation, size))
    if segmentation is None or segmentation == []:
        return Segment(None)
    if isinstance(segmentation, list):
        is_flat = not any(isinstance(piece, list) for piece in segmentation)
        return _drawn([segmentation] if is_flat else segmentation, size)
    raise ExchangeFault("bad_segmentation", "the segmentation is neither run lengths nor a list of polygons")


def _decode_rle(rle: dict[str, Any], size: tuple[int, int]) -> BoolMap:
    width, height = size
    if rle.get("size") != [height, width]:
        said = f"run lengths are of size {rle.get('size')!r}, which should be [height, width]"
        raise ExchangeFault("size_mismatch", f"{said}; the image is {width}x{height}")
    counts = rle.get("counts")
    if isinstance(counts, str):
        runs = _runs_of_text(counts)
    elif isinstance(counts, list) and all(type(run) is int and 0 <= run <= width * height for run in counts):
        runs = np.array(counts, np.int64)
    else:
        raise ExchangeFault("bad_rle", "counts are neither a text nor a list of run lengths")
    pixels = width * height
    # Checked before the runs are added: a sum of huge runs may overflow to the image's size.
    if ((runs < 0) | (runs > pixels)).any():
        raise ExchangeFault("bad_rle", f"one of the run lengths is negative or over the image's {pixels} pixels")
    total = int(runs.sum())
    if total != pixels:
        raise ExchangeFault("bad_rle", f"run lengths cover {total} pixels; the image has {pixels}")
    # Runs go down the columns; the first run is zeros.
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T


def _runs_of_text(text: str) -> Runs:
    """Return the run lengths of COCO's text. A character has 5 bits, lowest first; from the fourth on, each number
    is the difference to the number two before it.
    """
    codes = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8).astype(np.int64) - 48
    if len(codes) == 0 or ((codes < 0) | (codes > 63)).any() or codes[-1] & 0x20:
        raise ExchangeFault("bad_rle", "counts are no run lengths in COCO's compressed form")
    ends = np.flatnonzero((codes & 0x20) == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > _MAX_CHARACTERS:
        raise ExchangeFault("bad_rle", "counts hold a number that no picture has pixels for")
    places = np.arange(len(codes)) - np.repeat(starts, lengths)
    values = np.add.reduceat((codes & 0x1F) << (5 * places), starts)
    values -= np.where(codes[ends] & 0x10, np.int64(1) << (5 * lengths), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def _drawn(polygons: Sequence[object], size: tuple[int, int]) -> Segment:
    width, height = size
    outlines = [vertices_of(polygon) for polygon in polygons]
    drawable = [outline for outline in outlines if len(outline) >= LEAST_VERTICES]
    inside = [clipped(outline, size) for outline in drawable]
    require_drawable(inside)
    dropped, is_clipped = len(outlines) - len(drawable), any(a is not b for a, b in zip(drawable, inside, strict=True))
    kept = [outline for outline in inside if len(outline) >= LEAST_VERTICES]
    if not kept:
        return Segment(None, dropped, is_clipped)
    drawn = coco_mask.merge(coco_mask.frPyObjects([outline.ravel().tolist() for outline in kept], height, width))
    mask = _decode_rle({"size": [height, width], "counts": drawn["counts"].decode("ascii")}, size)
    return Segment(mask, dropped, is_clipped)
