"""Writing answers as one archive, in any of the formats, with one mask in memory at a time. Free of torch.

```
index_png    classes.json  images/NAME.jpg  labels/NAME.png  train.txt      with images a root for the adapter `folder`
coco         annotations.json  images/NAME.jpg
cityscapes   gtFine/train/CITY/NAME_gtFine_(color|labelIds|labelTrainIds).png
             leftImg8bit/train/CITY/NAME_leftImg8bit.jpg
json         answers.json  images/NAME.jpg
```
`manifest.json` is the last file of each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.data.class_file import CLASS_FILE, UNUSED, ClassFile
from core.data.colour_map import palette_of
from core.data.exchange.cityscapes import SPLIT, label_ids, train_ids
from core.data.exchange.manifest import (
    EXPORT_MANIFEST,
    ExportedAnswer,
    ExportedFile,
    ExportFormat,
    ExportManifest,
)
from core.data.exchange.masks import area_and_box, encode_rle
from core.data.exchange.names import city_of
from core.data.exchange.pictures import colour_png, palette_png
from core.data.exchange.zip_writing import ZipWriter
from core.data.samples import LabelMap
from core.files import index_png

COCO_FILE, JSON_FILE, PICTURE_SUFFIX = "annotations.json", "answers.json", ".jpg"


class AnswerSource(Protocol):
    """Source of the labels and images of answers."""

    def labels(self, answer: ExportedAnswer) -> LabelMap:
        """Return (H, W) raw ids; the ignore id where nothing was asked or answered."""

    def picture(self, answer: ExportedAnswer) -> bytes:
        """Return the image as JPEG."""


def write_archive(path: Path, manifest: ExportManifest, source: AnswerSource, *, images: bool) -> ExportManifest:
    """Write an archive, and return its manifest with all files; the same answers give the same bytes.

    Args:
        path: path of the new file.
        manifest: manifest without files; its format is written.
        source: source of the content; read once for each answer.
        images: whether to add the images.
    """
    with ZipWriter(path) as target:
        _WRITERS[manifest.format](target, manifest, source, images)
        files = [
            ExportedFile(path=one.path, sha256=one.sha256, bytes=one.bytes, answer=one.answer) for one in target.files
        ]
        complete = manifest.model_copy(update={"files": files})
        target.add(EXPORT_MANIFEST, complete.model_dump_json(indent=1).encode())
    return complete


def _write_index_png(target: ZipWriter, manifest: ExportManifest, source: AnswerSource, images: bool) -> None:
    table = manifest.table()
    last = max(table.names, default=0)
    names = tuple(table.names.get(raw_id, UNUSED) for raw_id in range(last + 1))
    # Built without validation: the round may be older than a rule for class names.
    content = ClassFile.model_construct(classes=names, ignore_id=manifest.ignore_id)
    target.add(CLASS_FILE, content.model_dump_json(indent=1, exclude_none=True).encode() + b"\n")
    _add_pictures(target, manifest, source, images)
    palette = palette_of(table)
    for answer in manifest.answers:
        target.add(f"labels/{answer.name}.png", palette_png(source.labels(answer), palette), answer.name)
    target.add(f"{SPLIT}.txt", "".join(f"{answer.name}\n" for answer in manifest.answers).encode())


def _write_cityscapes(target: ZipWriter, manifest: ExportManifest, source: AnswerSource, images: bool) -> None:
    table = manifest.table()
    palette = palette_of(table)
    placed = {f"{city_of(answer.name, answer.group)}/{answer.name}": answer for answer in manifest.answers}
    for place, answer in sorted(placed.items(), key=itemgetter(0)):
        labels = source.labels(answer)
        stem = f"gtFine/{SPLIT}/{place}_gtFine"
        target.add(f"{stem}_color.png", colour_png(labels, palette), answer.name)
        target.add(f"{stem}_labelIds.png", index_png(label_ids(labels, table)), answer.name)
        target.add(f"{stem}_labelTrainIds.png", index_png(train_ids(labels, table)), answer.name)
    for place, answer in sorted(placed.items(), key=itemgetter(0)) if images else []:
        name = f"leftImg8bit/{SPLIT}/{place}_leftImg8bit{PICTURE_SUFFIX}"
        target.add(name, source.picture(answer), answer.name)


def _write_coco(target: ZipWriter, manifest: ExportManifest, source: AnswerSource, images: bool) -> None:
    head = {
        "info": {"description": f"Answers of round {manifest.round}, stage {manifest.stage_name}, run {manifest.run}"},
        "licenses": [],
        "categories": [{"id": one.id, "name": one.name, "colour": one.colour} for one in manifest.classes],
    }
    pictures = (
        {"id": number, "file_name": f"{one.name}{PICTURE_SUFFIX}", "width": one.width, "height": one.height}
        for number, one in enumerate(manifest.answers, start=1)
    )
    lists = {"images": pictures, "annotations": _coco_annotations(manifest, source)}
    target.add_chunks(COCO_FILE, _document(head, lists))
    _add_pictures(target, manifest, source, images)


def _coco_annotations(manifest: ExportManifest, source: AnswerSource) -> Iterator[dict[str, Any]]:
    number = 0
    for image, answer in enumerate(manifest.answers, start=1):
        for class_id, rle in _segments(source.labels(answer), manifest.ignore_id):
            number += 1
            area, box = area_and_box(rle)
            yield {
                "id": number,
                "image_id": image,
                "category_id": class_id,
                "segmentation": rle,
                "area": area,
                "bbox": box,
                "iscrowd": 0,
            }


def _write_json(target: ZipWriter, manifest: ExportManifest, source: AnswerSource, images: bool) -> None:
    head = manifest.model_dump(mode="json", exclude={"answers", "files"})
    answers = (
        {
            **answer.model_dump(mode="json"),
            "segments": [
                {"class_id": class_id, "rle": rle}
                for class_id, rle in _segments(source.labels(answer), manifest.ignore_id)
            ],
        }
        for answer in manifest.answers
    )
    target.add_chunks(JSON_FILE, _document(head, {"answers": answers}))
    _add_pictures(target, manifest, source, images)


def _segments(labels: LabelMap, ignore_id: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return class id and run lengths of every class of a label map, by ascending id; ignored pixels are left out."""
    for class_id in np.flatnonzero(np.bincount(labels.ravel(), minlength=256)).tolist():
        if class_id != ignore_id:
            yield class_id, encode_rle(labels == class_id)


def _add_pictures(target: ZipWriter, manifest: ExportManifest, source: AnswerSource, images: bool) -> None:
    for answer in manifest.answers if images else []:
        target.add(f"images/{answer.name}{PICTURE_SUFFIX}", source.picture(answer), answer.name)


def _document(head: dict[str, Any], lists: Mapping[str, Iterable[dict[str, Any]]]) -> Iterator[bytes]:
    """Return a JSON object in parts: short members, then lists with one item a line."""
    yield b"{" + b",".join(_member(key, value) for key, value in head.items())
    for key, items in lists.items():
        yield b",\n" + json.dumps(key).encode() + b":["
        for number, item in enumerate(items):
            yield (b",\n" if number else b"\n") + _json(item)
        yield b"\n]"
    yield b"}\n"


def _member(key: str, value: object) -> bytes:
    return b"\n" + json.dumps(key).encode() + b":" + _json(value)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


_Writer = Callable[[ZipWriter, ExportManifest, AnswerSource, bool], None]
_WRITERS: dict[ExportFormat, _Writer] = {
    ExportFormat.INDEX_PNG: _write_index_png,
    ExportFormat.COCO: _write_coco,
    ExportFormat.CITYSCAPES: _write_cityscapes,
    ExportFormat.JSON: _write_json,
}
