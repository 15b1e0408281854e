"""Documents of annotations in COCO's form: a label map for each image that they name. Free of torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from core.data.classes import ClassTable
from core.data.exchange.faults import ExchangeFault
from core.data.exchange.found import Found, FoundLabel, Size
from core.data.exchange.masks import decode_segmentation
from core.data.samples import LabelMap

MAX_ANNOTATIONS = 10_000
"""Of one image."""
_NOBODY = -1

Entry = dict[str, Any]


def read_coco(name: str, data: bytes, classes: ClassTable, found: Found) -> None:
    """Add the images of a document to what was found; an entry that says nothing sensible is a fault by itself.

    Categories are known by name; one without a name, or all where there is no list of them, by raw id.

    Args:
        name: of the document's file.
        data: its bytes.
        classes: of the round.
        found: what is added to.
    """
    try:
        document = json.loads(data)
        images, annotations = _entries(document, "images"), _entries(document, "annotations")
        categories = _categories(document, classes)
    except (ValueError, RecursionError) as error:
        found.faults.append((name, ExchangeFault("bad_document", f"{name}: is no document of annotations ({error})")))
        return
    of_image: dict[Any, list[Entry]] = {}
    for number, image in enumerate(images):
        place = f"{name}#/images/{number}"
        if not _is_image(image):
            message = f"{place}: an image has id, file_name, width and height"
            found.faults.append((place, ExchangeFault("bad_document", message)))
        elif image["id"] in of_image:
            found.faults.append((place, ExchangeFault("bad_document", f"{place}: the id {image['id']!r} is taken")))
        else:
            own: list[Entry] = []
            of_image[image["id"]] = own
            stem = PurePosixPath(image["file_name"]).with_suffix("").as_posix()
            found.labels.append(
                FoundLabel(f"{name}: {image['file_name']}", stem, _reader(image, own, categories, classes))
            )
    for number, annotation in enumerate(annotations):
        place = f"{name}#/annotations/{number}"
        image_id = annotation.get("image_id") if isinstance(annotation, dict) else None
        if not isinstance(image_id, int | str) or image_id not in of_image:
            message = f"{place}: image_id is {image_id!r}, which no image of the document has"
            found.faults.append((place, ExchangeFault("bad_document", message)))
        else:
            of_image[image_id].append(annotation)


def _entries(document: object, key: str) -> list[Any]:
    entries = document.get(key) if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError(f"it has no list {key!r}")
    return entries


def _is_image(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    sides = [entry.get("width"), entry.get("height")]
    name = entry.get("file_name")
    is_named = isinstance(name, str) and PurePosixPath(name).name != ""
    return is_named and type(entry.get("id")) in {int, str} and all(type(side) is int for side in sides)


def _categories(document: Mapping[str, Any], classes: ClassTable) -> dict[Any, int | str]:
    """Return id of the document -> raw id, or the name of a category that is no class."""
    if "categories" not in document:
        return {raw_id: raw_id for raw_id in classes.names}
    by_name = {name.casefold(): raw_id for raw_id, name in classes.names.items()}
    known: dict[Any, int | str] = {}
    for entry in _entries(document, "categories"):
        if not isinstance(entry, dict) or type(entry.get("id")) not in {int, str}:
            raise ValueError("a category has an id and a name")
        key, name = entry["id"], entry.get("name")
        if isinstance(name, str):
            # Tools number categories as they like: an id that means another class here must not win over its name.
            known[key] = by_name.get(name.casefold(), name)
        elif key in classes.names:
            known[key] = key
    return known


def _reader(
    image: Entry, annotations: Sequence[Entry], categories: Mapping[Any, int | str], classes: ClassTable
) -> Callable[[Size], LabelMap]:
    def read(size: Size) -> LabelMap:
        said = (image["width"], image["height"])
        if said != size:
            message = f"the document says {said[0]}x{said[1]}, the image is {size[0]}x{size[1]}"
            raise ExchangeFault("size_mismatch", f"{image['file_name']}: {message}")
        if len(annotations) > MAX_ANNOTATIONS:
            message = f"has {len(annotations)} annotations; at most {MAX_ANNOTATIONS} of one image are read"
            raise ExchangeFault("too_large", f"{image['file_name']}: {message}")
        return _laid_together(annotations, categories, size, classes.ignore_id)

    return read


def _laid_together(
    annotations: Sequence[Entry], categories: Mapping[Any, int | str], size: Size, ignore_id: int
) -> LabelMap:
    labels = np.full((size[1], size[0]), ignore_id, np.uint8)
    owners = np.full(labels.shape, _NOBODY, np.int32)
    for number, annotation in enumerate(annotations):
        class_id = _class_of(annotation, categories)
        try:
            mask = decode_segmentation(annotation.get("segmentation"), size)
        except ExchangeFault as fault:
            raise ExchangeFault(fault.code, f"annotation {_id(annotation)}: {fault.message}") from fault
        # Two of one class say the same of a pixel that both cover; two of different classes contradict one another.
        contradicts = mask & (owners != _NOBODY) & (labels != class_id)
        if contradicts.any():
            row, column = np.argwhere(contradicts)[0]
            other = annotations[owners[row, column]]
            pixels = f"{np.count_nonzero(contradicts)} pixels, first at x {column}, y {row}"
            message = f"the annotations {_id(other)} and {_id(annotation)} overlap and differ in class ({pixels})"
            raise ExchangeFault("overlap", f"{message}; each pixel has one class")
        labels[mask], owners[mask] = class_id, number
    return labels


def _class_of(annotation: Entry, categories: Mapping[Any, int | str]) -> int:
    key = annotation.get("category_id")
    class_id = categories.get(key) if isinstance(key, int | str) else None
    if isinstance(class_id, int):
        return class_id
    named = f" ({class_id})" if class_id is not None else ""
    known = ", ".join(f"{key} is {raw_id}" for key, raw_id in categories.items() if isinstance(raw_id, int)) or "none"
    message = f"annotation {_id(annotation)}: the category {key!r}{named} is no class of the round"
    raise ExchangeFault("unknown_category", f"{message}; of the document's, these are, by raw id: {known}")


def _id(annotation: Entry) -> str:
    return str(annotation.get("id", "without an id"))[:60]
