"""The labels in an archive, whatever its format: found by name first, and decoded one by one. Free of torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from core.data.class_file import CLASS_FILE
from core.data.classes import ClassTable
from core.data.exchange.cityscapes import FILE_NAME, KINDS, raw_ids
from core.data.exchange.coco_reading import read_coco
from core.data.exchange.faults import NOT_A_LABEL, ExchangeFault
from core.data.exchange.found import Found, FoundLabel, Size
from core.data.exchange.manifest import EXPORT_MANIFEST, ExportFormat
from core.data.exchange.pictures import decode_picture
from core.data.exchange.zip_reading import MAX_DOCUMENT_BYTES, MAX_LABEL_BYTES, Archive
from core.data.samples import LabelMap

LABELS, IMAGES = "labels", "images"
_BESIDE = frozenset({EXPORT_MANIFEST, CLASS_FILE})
_CITYSCAPES_BESIDE = ("_instanceIds.png", "_instanceTrainIds.png", "_polygons.json")


def find_labels(archive: Archive, form: ExportFormat, classes: ClassTable) -> Found:
    """Return what an archive holds labels of, in the order of its files, and what it holds beside them.

    Raises:
        KeyError: for a format that is not read.
    """
    return READERS[form](archive, classes)


def _find_index_png(archive: Archive, classes: ClassTable) -> Found:
    found = Found()
    for name in archive.names:
        path = PurePosixPath(name)
        if path.suffix.lower() == ".png" and IMAGES not in path.parts[:-1]:
            found.labels.append(FoundLabel(name, _below_labels(path), _reader(archive, name, classes)))
        elif not _is_known(path, IMAGES):
            found.faults.append((name, ExchangeFault(NOT_A_LABEL, f"{name}: is no index PNG")))
    return found


def _find_cityscapes(archive: Archive, classes: ClassTable) -> Found:
    found = Found()
    files: dict[str, dict[str, str]] = {}
    for name in archive.names:
        match = FILE_NAME.fullmatch(name)
        if match is not None:
            files.setdefault(match["stem"], {})[match["kind"]] = name
        elif not _is_known(PurePosixPath(name), "leftImg8bit") and not name.endswith(_CITYSCAPES_BESIDE):
            found.faults.append((name, ExchangeFault(NOT_A_LABEL, f"{name}: is not called …_gtFine_labelIds.png")))
    for stem, kinds in files.items():
        kind = next(kind for kind in KINDS if kind in kinds)
        found.labels.append(FoundLabel(kinds[kind], stem, _reader(archive, kinds[kind], classes, kind)))
    return found


def _find_coco(archive: Archive, classes: ClassTable) -> Found:
    found = Found()
    for name in archive.names:
        path = PurePosixPath(name)
        if path.suffix == ".json" and path.name not in _BESIDE:
            try:
                data = archive.read(name, MAX_DOCUMENT_BYTES)
            except ExchangeFault as fault:
                found.faults.append((name, fault))
            else:
                read_coco(name, data, classes, found)
        elif not _is_known(path, IMAGES):
            found.faults.append((name, ExchangeFault(NOT_A_LABEL, f"{name}: is no document of annotations")))
    return found


def _reader(archive: Archive, name: str, classes: ClassTable, kind: str | None = None) -> Callable[[Size], LabelMap]:
    def read(size: Size) -> LabelMap:
        labels, is_by_colour = decode_picture(archive.read(name, MAX_LABEL_BYTES), name, size, classes)
        # Colours give raw ids at once, whatever the file is called.
        return labels if kind is None or is_by_colour else raw_ids(labels, kind, classes)

    return read


def _below_labels(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    if LABELS in parts[:-1]:
        parts = parts[len(parts) - parts[::-1].index(LABELS, 1) :]
    return "/".join(parts)


def _is_known(path: PurePosixPath, images: str) -> bool:
    return path.name in _BESIDE or path.suffix == ".txt" or images in path.parts[:-1]


READERS: dict[ExportFormat, Callable[[Archive, ClassTable], Found]] = {
    ExportFormat.INDEX_PNG: _find_index_png,
    ExportFormat.COCO: _find_coco,
    ExportFormat.CITYSCAPES: _find_cityscapes,
}
"""The formats that are read."""
