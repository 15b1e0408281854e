"""One annotation file in COCO's form, which describes all images of a split. Free of torch.

A file is read once and cached until it changes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np

from core.data.exchange.faults import ExchangeFault
from core.data.exchange.masks import decode_segmentation
from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import composed
from core.data.plain_files import read_plainly
from core.data.samples import Instances, Outlines

MAX_DOCUMENT_BYTES = 2**31
MOST_ID = 254
LEAST_NUMBERS = 6
"""Fewest numbers of a polygon: three points."""
Entry = dict[str, Any]


@dataclass(frozen=True)
class CocoImage:
    """One image of a document: its file relative to the folder of images, its size, and its annotations."""

    file_name: str
    size: tuple[int, int]
    annotations: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """The item's id: the file's path without suffix."""
        return composed(str(Path(self.file_name).with_suffix("")))


@dataclass(frozen=True)
class CocoDocument:
    """The content of an annotation file.

    Attributes:
        path: path of the file.
        names: category id -> name, ascending.
        images: id of the item -> image, in the order of the file.
    """

    path: Path
    names: Mapping[int, str]
    images: Mapping[str, CocoImage]


def read_document(path: Path) -> CocoDocument:
    """Return the content of an annotation file.

    Raises:
        DataFaultError: when the file is missing or cut off, or an entry makes no sense.
    """
    try:
        state = path.stat()
    except OSError:
        raise DataFaultError(FaultKind.MISSING_FILE, path, "does not exist") from None
    return _read(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _bytes: int, _time: int) -> CocoDocument:
    def fault(problem: str) -> DataFaultError:
        return DataFaultError(FaultKind.BAD_LIST, path, problem)

    try:
        document = json.loads(read_plainly(path, MAX_DOCUMENT_BYTES))
    except (ValueError, RecursionError) as error:
        raise fault(f"is no JSON to its end ({error}); it may have been cut off: copy it again") from None
    lists = []
    for key in ("categories", "images", "annotations"):
        found = document.get(key) if isinstance(document, dict) else None
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise fault(f"has no list of objects {key!r}; it is no file of annotations in COCO's form")
        lists.append(found)
    categories, images, annotations = lists
    names = _names(categories, fault)
    by_image: dict[str, list[Entry]] = {_key(image.get("id")): [] for image in images}
    for annotation in annotations:
        place = by_image.get(_key(annotation.get("image_id")))
        if place is None:
            raise fault(
                f"annotation {annotation.get('id')!r} is of image {annotation.get('image_id')!r}, which it has not"
            )
        if _number(annotation.get("category_id")) not in names:
            problem = f"annotation {annotation.get('id')!r} has the category {annotation.get('category_id')!r}"
            raise fault(f"{problem}, which `categories` does not list")
        place.append(annotation)
    return CocoDocument(path, names, _images(images, by_image, fault))


Refuse = Callable[[str], DataFaultError]


def _names(categories: list[Entry], fault: Refuse) -> dict[int, str]:
    names: dict[int, str] = {}
    seen: dict[str, int] = {}
    for category in categories:
        number, name = _number(category.get("id")), category.get("name")
        if number is None or not 0 <= number <= MOST_ID:
            raise fault(f"the category id {category.get('id')!r} is no whole number from 0 to {MOST_ID}; renumber it")
        if not isinstance(name, str) or not name.strip():
            raise fault(f"category {number} has the name {name!r}; give it a name, by which streams know it")
        folded = unicodedata.normalize("NFKC", name).strip().casefold()
        if number in names or folded in seen:
            other = (
                f"{seen[folded]} and {number} are both named {name!r}" if folded in seen else f"{number} is there twice"
            )
            raise fault(f"of the categories, {other}; each needs an id and a name of its own")
        names[number], seen[folded] = name, number
    if not names:
        raise fault("lists no category; without one there is nothing to learn")
    return dict(sorted(names.items()))


def _images(images: list[Entry], by_image: Mapping[str, list[Entry]], fault: Refuse) -> dict[str, CocoImage]:
    found: dict[str, CocoImage] = {}
    ids: set[str] = set()
    for image in images:
        key, file_name = _key(image.get("id")), image.get("file_name")
        width, height = _number(image.get("width")), _number(image.get("height"))
        if not isinstance(file_name, str) or not file_name or not width or not height:
            raise fault(f"image {image.get('id')!r} lacks its file_name, width or height")
        parts = Path(file_name).parts
        if Path(file_name).is_absolute() or ".." in parts:
            raise fault(f"the file_name {file_name!r} leads out of the folder of images")
        one = CocoImage(file_name, (width, height), tuple(by_image[key]))
        if key in ids or one.name in found:
            raise fault(f"lists the image {file_name!r} (id {image.get('id')!r}) twice; every image needs one entry")
        ids.add(key)
        found[one.name] = one
    return found


def classes_of(image: CocoImage) -> frozenset[int]:
    """Return the raw ids of an image's objects that are no crowds and have an outline or run lengths."""
    return frozenset(
        cast(int, _number(annotation["category_id"]))
        for annotation in image.annotations
        if _number(annotation.get("iscrowd", 0)) != 1 and _outlines(annotation.get("segmentation")) != []
    )


def read_objects(document: CocoDocument, image: CocoImage) -> Instances:
    """Return the objects of an image; those without an outline that encloses anything are left out.

    Raises:
        DataFaultError: naming the file and the annotation that cannot be drawn.
    """
    width, height = image.size
    kept: list[tuple[Entry, Any, Outlines | None]] = []
    for annotation in image.annotations:
        segmentation = annotation.get("segmentation")
        if segmentation is None:
            problem = "has a box and no segmentation; masks are learned from outlines or run lengths"
            raise _of_annotation(document, annotation, problem)
        outlines = _outlines(segmentation)
        try:
            mask = decode_segmentation(segmentation if outlines is None else outlines, image.size).mask
        except ExchangeFault as error:
            raise _of_annotation(document, annotation, str(error)) from None
        if mask is not None and mask.any():
            kept.append((annotation, mask, outlines))
    masks = np.array([mask for _, mask, _ in kept], np.bool_).reshape(-1, height, width)
    return Instances(
        size=image.size,
        boxes=np.array([_box(entry, mask) for entry, mask, _ in kept], np.float64).reshape(-1, 4),
        masks=masks,
        classes=np.array([_number(entry["category_id"]) for entry, _, _ in kept], np.int64),
        is_crowd=np.array([_number(entry.get("iscrowd", 0)) == 1 for entry, _, _ in kept], np.bool_),
        stated_areas=np.array([_area(entry, mask) for entry, mask, _ in kept], np.float64),
        outlines=tuple(_arrays(outlines) for _, _, outlines in kept),
    )


def _outlines(segmentation: Any) -> Any:
    """Return the polygons of a segmentation that have three points or more; None for run lengths."""
    if not isinstance(segmentation, list):
        return None
    is_flat = bool(segmentation) and not any(isinstance(piece, list) for piece in segmentation)
    pieces = [segmentation] if is_flat else segmentation
    return [piece for piece in pieces if not isinstance(piece, list) or _is_polygon(piece)]


def _is_polygon(piece: list[Any]) -> bool:
    return len(piece) >= LEAST_NUMBERS and len(piece) % 2 == 0


def _arrays(outlines: Any) -> Outlines | None:
    return None if outlines is None else tuple(np.array(piece, np.float64) for piece in outlines)


def _box(entry: Entry, mask: Any) -> list[float]:
    """Return the box as x0, y0, x1, y1: the file's, or else the mask's."""
    said = entry.get("bbox")
    if isinstance(said, list) and len(said) == 4 and all(isinstance(side, int | float) for side in said):
        x, y, width, height = (float(side) for side in said)
        return [x, y, x + width, y + height]
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)]


def _area(entry: Entry, mask: Any) -> float:
    said = entry.get("area")
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else float(mask.sum())


def _of_annotation(document: CocoDocument, entry: Entry, problem: str) -> DataFaultError:
    return DataFaultError(FaultKind.UNREADABLE, document.path, f"annotation {entry.get('id')!r} {problem}")


def _number(value: object) -> int | None:
    """Return a whole number; tools write it as an integer, as a float, or as text."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except ValueError:
        return None
    return int(number) if number is not None and number.is_integer() else None


def _key(value: object) -> str:
    """Return an id of an image; 7, 7.0 and "7" are the same."""
    number = _number(value)
    return str(value) if number is None else str(number)
