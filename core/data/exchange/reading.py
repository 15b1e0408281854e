"""Finding the labels in an archive of any format by name, and decoding them one by one. Free of torch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from core.data.class_file import CLASS_FILE
from core.data.exchange.cityscapes import FILE_NAME, KINDS, raw_ids
from core.data.exchange.coco_reading import read_coco
from core.data.exchange.colours import ColourMap, read_label_map
from core.data.exchange.faults import NOT_A_LABEL, ArchiveFault, ExchangeFault
from core.data.exchange.found import Found, FoundLabel, ReadingTerms, ReadLabel, Size
from core.data.exchange.manifest import EXPORT_MANIFEST, ExportFormat
from core.data.exchange.pictures import decode_picture
from core.data.exchange.zip_reading import MAX_DOCUMENT_BYTES, MAX_LABEL_BYTES, MAX_LABEL_MAP_BYTES, Archive

LABELS, IMAGES = "labels", "images"
LABEL_MAP = "labelmap.txt"
"""File with the meaning of colours, in exports of CVAT and other tools in VOC's form."""
_PICTURES = frozenset({IMAGES, "JPEGImages", "leftImg8bit"})
_OBJECTS = "SegmentationObject"
"""Folder of pictures with object numbers; the class pictures are in another folder."""
_BESIDE = frozenset({EXPORT_MANIFEST, CLASS_FILE})
_CITYSCAPES_BESIDE = ("_instanceIds.png", "_instanceTrainIds.png", "_polygons.json")
_BRUSH = re.compile(r"task-\d+-annotation-\d+-by-\d+-tag-.+-\d+\.png")
"""Names of brush masks from Label Studio: they name the task, not the image."""


def find_labels(archive: Archive, form: ExportFormat, terms: ReadingTerms) -> Found:
    """Return the labels of an archive in the order of its files, and its faults.

    Raises:
        ArchiveFault: for an export of another tool that cannot be read; it names an export that can.
        KeyError: for a format that cannot be read.
    """
    brushes = [name for name in archive.names if _BRUSH.fullmatch(PurePosixPath(name).name)]
    if brushes:
        problem = (
            f"the archive holds {len(brushes)} brush masks of Label Studio, such as {brushes[0]!r}, whose names say no "
            "image; export the project as COCO, and import that with the format coco"
        )
        raise ArchiveFault(problem)
    return READERS[form](archive, terms)


def _find_index_png(archive: Archive, terms: ReadingTerms) -> Found:
    found = Found()
    colours = _label_map(archive, terms, found)
    for name in archive.names:
        path = PurePosixPath(name)
        if path.suffix.lower() == ".png" and not {*_PICTURES, _OBJECTS} & {*path.parts[:-1]}:
            found.labels.append(FoundLabel(name, _below_labels(path), _reader(archive, name, terms, colours=colours)))
        elif not _is_known(path):
            found.refuse(name, NOT_A_LABEL, f"{name}: is no index PNG")
    return found


def _find_cityscapes(archive: Archive, terms: ReadingTerms) -> Found:
    found = Found()
    files: dict[str, dict[str, str]] = {}
    for name in archive.names:
        match = FILE_NAME.fullmatch(name)
        if match is not None:
            files.setdefault(match["stem"], {})[match["kind"]] = name
        elif not _is_known(PurePosixPath(name)) and not name.endswith(_CITYSCAPES_BESIDE):
            found.refuse(name, NOT_A_LABEL, f"{name}: is not called …_gtFine_labelIds.png")
    for stem, kinds in files.items():
        kind = next(kind for kind in KINDS if kind in kinds)
        found.labels.append(FoundLabel(kinds[kind], stem, _reader(archive, kinds[kind], terms, kind=kind)))
    return found


def _find_coco(archive: Archive, terms: ReadingTerms) -> Found:
    found = Found()
    for name in archive.names:
        path = PurePosixPath(name)
        if path.suffix.lower() == ".json" and path.name not in _BESIDE:
            try:
                data = archive.read(name, MAX_DOCUMENT_BYTES)
            except ExchangeFault as fault:
                found.add_fault(name, fault)
            else:
                read_coco(name, data, terms, found)
        elif not _is_known(path):
            found.refuse(name, NOT_A_LABEL, f"{name}: is no document of annotations")
    return found


def _label_map(archive: Archive, terms: ReadingTerms, found: Found) -> ColourMap | None:
    """Return the meaning of colours from the archive's own label map; None if it has none that can be read."""
    name = next((name for name in archive.names if PurePosixPath(name).name.lower() == LABEL_MAP), None)
    if name is None:
        return None
    try:
        return read_label_map(archive.read(name, MAX_LABEL_MAP_BYTES), name, terms.classes)
    except ExchangeFault as fault:
        found.add_fault(name, fault)
        return None


def _reader(
    archive: Archive, name: str, terms: ReadingTerms, *, kind: str | None = None, colours: ColourMap | None = None
) -> Callable[[Size], ReadLabel]:
    def read(size: Size) -> ReadLabel:
        data = archive.read(name, MAX_LABEL_BYTES)
        labels, is_by_colour = decode_picture(data, name, size, terms.classes, colours)
        # Colours are already decoded to raw ids, whatever the name of the file.
        return ReadLabel(labels if kind is None or is_by_colour else raw_ids(labels, kind, terms.classes))

    return read


def _below_labels(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    if LABELS in parts[:-1]:
        parts = parts[len(parts) - parts[::-1].index(LABELS, 1) :]
    return "/".join(parts)


def _is_known(path: PurePosixPath) -> bool:
    beside = {*_PICTURES, _OBJECTS} & {*path.parts[:-1]}
    return path.name in _BESIDE or path.suffix.lower() == ".txt" or bool(beside)


READERS: dict[ExportFormat, Callable[[Archive, ReadingTerms], Found]] = {
    ExportFormat.INDEX_PNG: _find_index_png,
    ExportFormat.COCO: _find_coco,
    ExportFormat.CITYSCAPES: _find_cityscapes,
}
"""The formats that can be read."""
