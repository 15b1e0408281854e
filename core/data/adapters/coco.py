"""Instances in COCO's layout (SemSeg 2.1), and any data set exported to it. Free of torch.

```
annotations/instances_SPLIT.json, or SPLIT.json
SPLIT/FILE_NAME, images/SPLIT/FILE_NAME, images/FILE_NAME or FILE_NAME
```

Raw ids are the category ids, which may have gaps and begin at 0.
"""

from __future__ import annotations

from pathlib import Path

from core.data.classes import ClassTable
from core.data.coco_document import CocoDocument, CocoImage, classes_of, read_document, read_objects
from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import as_stored
from core.data.pairing import Pair, require_root
from core.data.samples import Instances

ANNOTATIONS = "annotations"
PREFIX = "instances_"


def read_classes(root: Path) -> ClassTable:
    """Return the categories of the smallest annotation file; `list_pairs` checks that a split's file agrees.

    Raises:
        DataFaultError: when the root or its annotations are missing, or categories make no sense.
    """
    require_root(root)
    files = _files(root)
    if not files:
        problem = f"holds no {ANNOTATIONS}/{PREFIX}SPLIT.json; put the annotation files there"
        raise DataFaultError(FaultKind.BAD_LIST, root, problem)
    smallest = min(files, key=lambda path: (path.stat().st_size, path.name))
    return ClassTable(dict(read_document(smallest).names), background_id=None)


def read_label(path: Path) -> Instances:
    """Refuse: an annotation file describes many images. Use `read_item`, which reads the objects of one."""
    raise DataFaultError(FaultKind.NOT_A_FILE, path, "tells of all images of a split, and of which one was not said")


def read_item(pair: Pair) -> Instances:
    """Return the objects of an image; raises DataFaultError naming the file and the annotation."""
    document = read_document(pair.label)
    return read_objects(document, _image_of(document, pair))


def object_classes(pair: Pair) -> frozenset[int]:
    """Return the raw ids of an image's objects without crowds; raises DataFaultError as `read_item` does."""
    return classes_of(_image_of(read_document(pair.label), pair))


def split_names(root: Path) -> list[str]:
    """Return the splits that have an annotation file, in order; the files are not opened."""
    return sorted({path.stem.removeprefix(PREFIX) for path in _files(root)})


def list_pairs(root: Path, split: str) -> tuple[Pair, ...]:
    """Return the images of a split in the order of its annotation file, those without objects included.

    Raises:
        DataFaultError: when the root or the split is missing or empty, or its categories differ from the root's.
    """
    require_root(root)
    document = _document(root, split)
    _require_same_names(document, read_classes(root), root)
    folder = _images(root, split)
    return tuple(
        Pair(name, as_stored(folder / image.file_name, root), document.path) for name, image in document.images.items()
    )


def _image_of(document: CocoDocument, pair: Pair) -> CocoImage:
    image = document.images.get(pair.id)
    if image is None:
        raise DataFaultError(FaultKind.MISSING_FILE, pair.label, f"does not list the image {pair.id!r} any more")
    return image


def _files(root: Path) -> list[Path]:
    return sorted((root / ANNOTATIONS).glob("*.json"))


def _document(root: Path, split: str) -> CocoDocument:
    places = [root / ANNOTATIONS / f"{prefix}{split}.json" for prefix in (PREFIX, "")]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        there = ", ".join(split_names(root)) or "none"
        raise DataFaultError(FaultKind.BAD_LIST, places[0], f"the split does not exist; splits there: {there}")
    document = read_document(path)
    if not document.images:
        raise DataFaultError(FaultKind.EMPTY, path, "lists no image")
    return document


def _require_same_names(document: CocoDocument, classes: ClassTable, root: Path) -> None:
    for raw_id, name in document.names.items():
        other = classes.names.get(raw_id)
        if other != name:
            said = "does not have it" if other is None else f"calls it {other!r}"
            problem = f"calls the category {raw_id} {name!r}, and another file of {root / ANNOTATIONS} {said}"
            raise DataFaultError(FaultKind.BAD_LIST, document.path, f"{problem}; give all files one list of categories")


def _images(root: Path, split: str) -> Path:
    for folder in (root / split, root / "images" / split, root / "images"):
        if folder.is_dir():
            return folder
    return root
