"""Decode and check the labels that people send, before anything is stored (ANN-21, SEC-5)."""

from __future__ import annotations

import base64
import binascii
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.acquisition.manifest import count_ids
from core.acquisition.pixel_sources import PixelSource
from core.data.decoding import decode_label, read_label
from core.data.faults import DataFaultError
from core.data.samples import LabelMap
from core.files import index_png
from server.db.models import Query, QueryBatch
from server.errors import ContentMissingError, InvalidRequestError
from server.schemas.queries import RegionEffort
from server.storage import MissingFile, Storage

TILE_PX = 256
NAME = "mask"
BoolMap = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class QueriedPixels:
    """The pixels that a query asks for, and the ids that an answer may use.

    Attributes:
        size: width and height of the image.
        region: (H, W) bool; None = the whole image.
        class_ids: raw ids that may be given.
        ignore_id: raw id of a pixel whose class nobody can tell.
    """

    size: tuple[int, int]
    region: BoolMap | None
    class_ids: Sequence[int]
    ignore_id: int

    @classmethod
    def of(cls, storage: Storage, batch: QueryBatch, query: Query) -> QueriedPixels:
        """Read the pixels and ids of a query; raises ContentMissingError."""
        region = stored_map(storage, query.mask_sha256, "region") > 0 if query.mask_sha256 is not None else None
        return cls((query.width, query.height), region, batch.class_ids, batch.ignore_id)


def stored_map(storage: Storage, sha256: str, name: str) -> LabelMap:
    """Read an index PNG from storage; raises ContentMissingError that contains `name`."""
    try:
        return read_label(storage.path(sha256))
    except (MissingFile, DataFaultError) as error:
        raise ContentMissingError(f"the {name} {sha256} cannot be read from storage") from error


def decode_mask(data: bytes, size: tuple[int, int], name: str = NAME) -> LabelMap:
    """Return an uploaded index PNG as (H, W) raw ids; raises InvalidRequestError that names the problem."""
    try:
        return decode_label(data, name, size)
    except DataFaultError as error:
        raise InvalidRequestError.of_body(str(error), error.kind.code) from error


def decode_tile(text: str, row: int, column: int, queried: QueriedPixels) -> bytes:
    """Check one tile of a draft and return its bytes; raises InvalidRequestError."""
    data, labels = _decode_tile(text, f"tile {row},{column}", (row, column), queried)
    check_ids(labels, queried)
    return data


def decode_source_tile(text: str, row: int, column: int, queried: QueriedPixels) -> bytes:
    """Check one tile of label sources and return its bytes; raises InvalidRequestError."""
    name = f"sources of tile {row},{column}"
    data, sources = _decode_tile(text, name, (row, column), queried)
    if (highest := int(sources.max())) > max(PixelSource):
        known = ", ".join(f"{source:d} {source.name.lower()}" for source in PixelSource)
        raise InvalidRequestError.of_body(f"{name} hold {highest}; known are {known}", "unknown_source", "/tiles")
    return data


def check_regions(regions: Sequence[RegionEffort], queried: QueriedPixels) -> None:
    """Refuse efforts outside the queried regions; raises InvalidRequestError that names the pixel."""
    width, height = queried.size
    for index, region in enumerate(regions):
        is_inside = region.x < width and region.y < height
        if not is_inside or (queried.region is not None and not queried.region[region.y, region.x]):
            message = f"x {region.x}, y {region.y} is no queried pixel; name one of the region's"
            raise InvalidRequestError.of_body(message, "outside_region", f"/regions/{index}")


def _decode_tile(text: str, name: str, place: tuple[int, int], queried: QueriedPixels) -> tuple[bytes, LabelMap]:
    row, column = place
    top, left = row * TILE_PX, column * TILE_PX
    width, height = min(TILE_PX, queried.size[0] - left), min(TILE_PX, queried.size[1] - top)
    if width <= 0 or height <= 0:
        message = f"{name} lies outside of the image of {queried.size[0]}x{queried.size[1]} pixels"
        raise InvalidRequestError.of_body(message, "outside_image", "/tiles")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequestError.of_body(f"{name} is no Base64: {error}", "not_base64", "/tiles") from error
    return data, decode_mask(data, (width, height), name)


def laid_over(proposal: LabelMap, tiles: Mapping[tuple[int, int], bytes]) -> LabelMap:
    """Return (H, W) ids: the proposal, with the draft's tiles replacing its pixels."""
    labels = proposal.copy()
    for (row, column), data in tiles.items():
        top, left = row * TILE_PX, column * TILE_PX
        target = labels[top : top + TILE_PX, left : left + TILE_PX]
        target[...] = decode_label(data, f"tile {row},{column}", (target.shape[1], target.shape[0]))
    return labels


def cut(labels: LabelMap) -> dict[tuple[int, int], bytes]:
    """Cut (H, W) raw ids into draft tiles: (row, column) -> index PNG."""
    rows, columns = (range(math.ceil(side / TILE_PX)) for side in labels.shape)
    places = itertools.product(rows, columns)
    return {
        (row, column): index_png(labels[row * TILE_PX : (row + 1) * TILE_PX, column * TILE_PX : (column + 1) * TILE_PX])
        for row, column in places
    }


def within_region(labels: LabelMap, queried: QueriedPixels) -> LabelMap:
    """Return the labels with the ignore id outside the queried region."""
    return labels if queried.region is None else np.where(queried.region, labels, queried.ignore_id).astype(np.uint8)


def check_ids(labels: LabelMap, queried: QueriedPixels) -> None:
    """Refuse ids that are not classes; raises InvalidRequestError that names the ids and their pixels."""
    counts = count_ids(labels)
    counts[[*queried.class_ids, queried.ignore_id]] = 0
    unknown = np.flatnonzero(counts)
    if len(unknown):
        row, column = np.argwhere(labels == unknown[0])[0]
        listed = ", ".join(f"{raw_id} ({_pixels(int(counts[raw_id]))})" for raw_id in unknown[:5])
        known = ", ".join(map(str, queried.class_ids))
        message = f"ids outside the class list: {listed}, first at x {column}, y {row}; known are {known}"
        raise InvalidRequestError.of_body(f"{message} and {queried.ignore_id} for pixels without a class", "unknown_id")


def check_answer(labels: LabelMap, queried: QueriedPixels, *, allow_unsure: bool) -> list[str]:
    """Refuse an invalid answer to a query, and return warnings about a valid one.

    Raises:
        InvalidRequestError: for unknown ids, labels outside the region, an answer without any label, and unlabelled
            pixels unless `allow_unsure` is set.
    """
    check_ids(labels, queried)
    is_labelled = labels != queried.ignore_id
    if queried.region is not None:
        outside = is_labelled & ~queried.region
        if outside.any():
            message = (
                f"{_count(outside)} outside of the queried pixels must not bear a class; give {queried.ignore_id} there"
            )
            raise InvalidRequestError.of_body(message, "outside_region")
    left = ~is_labelled if queried.region is None else queried.region & ~is_labelled
    if not is_labelled.any():
        raise InvalidRequestError.of_body(
            "no queried pixel bears a class; label at least one, or skip the query", "no_label"
        )
    if left.any() and not allow_unsure:
        left_out = "label the rest, or say that they are meant to have none (`allow_unsure`)"
        message = f"{_count(left)} of the queried pixels must bear a class; {left_out}"
        raise InvalidRequestError.of_body(message, "unlabelled_pixels")
    return _warnings(labels, is_labelled)


def _count(where: BoolMap) -> str:
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    box = f"x {columns[0]} to {columns[-1]}, y {rows[0]} to {rows[-1]}"
    return f"{_pixels(int(np.count_nonzero(where)))} ({box})"


def _pixels(count: int) -> str:
    return f"{count} pixel" if count == 1 else f"{count} pixels"


def _warnings(labels: LabelMap, is_labelled: BoolMap) -> list[str]:
    """Warn about single pixels whose four neighbours all have other classes; a slip of the brush leaves them."""
    same = np.zeros(labels.shape, np.bool_)
    across, down = labels[:, 1:] == labels[:, :-1], labels[1:] == labels[:-1]
    same[:, 1:] |= across
    same[:, :-1] |= across
    same[1:] |= down
    same[:-1] |= down
    alone = is_labelled & ~same
    # When single pixels were queried, every pixel is alone; that is no slip.
    islands = np.count_nonzero(alone)
    is_worth_a_look = 0 < islands < np.count_nonzero(is_labelled)
    return [f"{_count(alone)} without a neighbour of the same class"] if is_worth_a_look else []
