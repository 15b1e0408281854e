"""Reading COCO documents: a label map for each image in them. Free of torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from core.data.classes import ClassTable
from core.data.exchange.coco_drawing import MAX_ANNOTATIONS, AnnotationDrawing
from core.data.exchange.faults import ExchangeFault
from core.data.exchange.found import Found, FoundLabel, ReadingTerms, ReadLabel, Size

MOST_CHARACTERS = 100
"""Maximum length of a value that a message quotes."""

Entry = dict[str, Any]
Key = str
"""An id of the document in one form; tools write the same id as an integer, a float, or text."""


def read_coco(name: str, data: bytes, terms: ReadingTerms, found: Found) -> None:
    """Add the images of a document to `found`; each entry that makes no sense becomes a fault of its own.

    Categories are matched by name. A category without a name is matched by raw id; so are all if there is no list.

    Args:
        name: name of the document's file.
        data: bytes of the file.
        terms: how to interpret the labels.
        found: the images and faults are added to it.
    """
    try:
        document = json.loads(data)
        images, annotations = _entries(document, "images"), _entries(document, "annotations")
        categories = _categories(document, terms.classes)
    except (ValueError, RecursionError) as error:
        found.refuse(name, "bad_document", f"{name}: is no document of annotations ({error})")
        return
    of_image = _add_images(name, images, categories, terms, found)
    for number, annotation in enumerate(annotations):
        image_id = _key(annotation.get("image_id")) if isinstance(annotation, dict) else None
        if image_id is None or image_id not in of_image:
            place = f"{name}#/annotations/{number}"
            said = annotation.get("image_id") if isinstance(annotation, dict) else None
            found.refuse(place, "no_image", f"{place}: image_id is {_shown(said)}, which no image of the document has")
        else:
            of_image[image_id].append(annotation)


def _add_images(
    name: str, images: Sequence[Any], categories: Mapping[Key, int | str], terms: ReadingTerms, found: Found
) -> dict[Key, list[Entry]]:
    """Add the images of a document; return for each image id the list to which its annotations are to be added."""
    of_image: dict[Key, list[Entry]] = {}
    for number, image in enumerate(images):
        place, size = f"{name}#/images/{number}", _size(image)
        key = _key(image.get("id")) if isinstance(image, dict) else None
        file_name = _file_name(image)
        if key is None or size is None or file_name is None:
            found.refuse(place, "bad_image", f"{place}: an image has id, file_name, width and height")
        elif key in of_image:
            found.refuse(place, "bad_image", f"{place}: the id {_shown(image['id'])} is taken")
        else:
            own = of_image[key] = []
            stem = PurePosixPath(file_name).with_suffix("").as_posix()
            read = _reader(file_name, size, own, categories, terms)
            found.labels.append(FoundLabel(f"{name}: {file_name[:MOST_CHARACTERS]}", stem, read))
    return of_image


def _entries(document: object, key: str) -> list[Any]:
    entries = document.get(key) if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError(f"it has no list {key!r}")
    return entries


def _key(value: object) -> Key | None:
    """Return an id in one form; None if the value is no id."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else None
    return str(value).strip()


def _whole(value: object) -> int | None:
    key = _key(value)
    return int(key) if key is not None and key.isascii() and key.isdecimal() and len(key) < 10 else None


def _size(image: object) -> Size | None:
    width, height = (_whole(image.get(side)) if isinstance(image, dict) else None for side in ("width", "height"))
    return (width, height) if width is not None and height is not None else None


def _file_name(image: object) -> str | None:
    """Return the name of an image's file with slashes, as in an archive."""
    name = image.get("file_name") if isinstance(image, dict) else None
    plain = name.replace("\\", "/") if isinstance(name, str) else ""
    return plain if PurePosixPath(plain).name else None


def _categories(document: Mapping[str, Any], classes: ClassTable) -> dict[Key, int | str]:
    """Return category id of the document -> raw id; or the name of the category, if it is no class."""
    if "categories" not in document:
        return {str(raw_id): raw_id for raw_id in classes.names}
    by_name = {name.casefold(): raw_id for raw_id, name in classes.names.items()}
    by_id = {str(raw_id): raw_id for raw_id in classes.names}
    known: dict[Key, int | str] = {}
    for entry in _entries(document, "categories"):
        key = _key(entry.get("id")) if isinstance(entry, dict) else None
        if key is None:
            raise ValueError("a category has an id and a name")
        name = entry.get("name")
        if isinstance(name, str):
            # Tools number categories freely, so the name decides, even if the id is another class's raw id.
            known[key] = by_name.get(name.strip().casefold(), name)
        elif key in by_id:
            known[key] = by_id[key]
    return known


def _reader(
    file_name: str,
    said: Size,
    annotations: Sequence[Entry],
    categories: Mapping[Key, int | str],
    terms: ReadingTerms,
) -> Callable[[Size], ReadLabel]:
    def read(size: Size) -> ReadLabel:
        if said != size:
            message = f"the document says {said[0]}x{said[1]}, the image is {size[0]}x{size[1]}"
            raise ExchangeFault("size_mismatch", f"{file_name}: {message}")
        if len(annotations) > MAX_ANNOTATIONS:
            message = f"has {len(annotations)} annotations; at most {MAX_ANNOTATIONS} of one image are read"
            raise ExchangeFault("too_large", f"{file_name}: {message}")
        drawing = AnnotationDrawing(size, terms)
        for annotation in annotations:
            drawing.add(_class_of(annotation, categories), annotation.get("segmentation"), _id(annotation))
        return drawing.result()

    return read


def _class_of(annotation: Entry, categories: Mapping[Key, int | str]) -> int:
    said = annotation.get("category_id")
    key = _key(said)
    class_id = categories.get(key) if key is not None else None
    if isinstance(class_id, int):
        return class_id
    named = f" ({class_id[:MOST_CHARACTERS]})" if class_id is not None else ""
    # A round has at most 256 classes; in a document any number of categories may map to one class.
    by_class = {raw_id: key for key, raw_id in categories.items() if isinstance(raw_id, int)}
    known = ", ".join(f"{key[:MOST_CHARACTERS]} is {raw_id}" for raw_id, key in by_class.items()) or "none"
    message = f"annotation {_id(annotation)}: the category {_shown(said)}{named} is no class of the round"
    raise ExchangeFault("unknown_category", f"{message}; of the document's, these are, by raw id: {known}")


def _id(annotation: Entry) -> str:
    return str(annotation.get("id", "without an id"))[:MOST_CHARACTERS]


def _shown(value: object) -> str:
    return repr(value)[:MOST_CHARACTERS]
