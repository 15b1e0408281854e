from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.classes import CITYSCAPES_CLASSES, ClassTable
from core.data.exchange.found import ReadingTerms
from core.data.exchange.manifest import ExportFormat
from core.data.exchange.pictures import colour_png
from core.data.exchange.reading import READERS, find_labels
from core.data.exchange.zip_reading import opened_archive
from core.files import index_png
from tests.support.exported import CLASSES, HEIGHT, WIDTH, labels_with_hole, write_export, zip_of

SIZE = (WIDTH, HEIGHT)
TABLE = ClassTable({one.id: one.name for one in CLASSES}, background_id=None, colours={o.id: o.rgb for o in CLASSES})


@pytest.mark.parametrize("form", list(READERS))
def test_what_was_exported_is_read_back_pixel_by_pixel(tmp_path: Path, form: ExportFormat) -> None:
    write_export(tmp_path / "one.zip", form, images=True)

    with (tmp_path / "one.zip").open("rb") as file, opened_archive(file) as archive:
        found = find_labels(archive, form, ReadingTerms(TABLE))
        read = [label.read(SIZE).labels for label in found.labels]

    assert found.faults == []
    assert [label.stem.rsplit("/", 1)[-1] for label in found.labels] == ["bonn_2", "ulm_1"]
    assert np.array_equal(read[0], np.full((HEIGHT, WIDTH), 3))
    assert np.array_equal(read[1], labels_with_hole())


def test_index_pngs_are_named_by_what_is_below_labels() -> None:
    files = {
        "set/labels/city/1.png": b"",
        "2.PNG": b"",
        "images/2.png": b"",
        "classes.json": b"",
        "train.txt": b"",
        "a.gif": b"",
    }
    with opened_archive(zip_of(files)) as archive:
        found = find_labels(archive, ExportFormat.INDEX_PNG, ReadingTerms(TABLE))

    assert [(label.file, label.stem) for label in found.labels] == [("2.PNG", "2"), ("set/labels/city/1.png", "city/1")]
    assert [(file, fault.code) for file, fault in found.faults] == [("a.gif", "not_a_label")]


def test_of_a_cityscapes_tree_the_most_telling_file_of_an_image_is_read() -> None:
    ids = index_png(np.array([[7, 0, 33]], np.uint8))
    files = {
        "gtFine/train/ulm/ulm_1_gtFine_labelIds.png": ids,
        "gtFine/train/ulm/ulm_1_gtFine_labelTrainIds.png": b"",
        "gtFine/train/ulm/ulm_1_gtFine_color.png": b"",
        "gtFine/train/ulm/ulm_1_gtFine_instanceIds.png": b"",
        "gtFine/train/ulm/ulm_2_gtFine_labelTrainIds.png": index_png(np.array([[0, 255, 18]], np.uint8)),
        "gtFine/train/ulm/ulm_3_gtFine_color.png": colour_png(
            np.array([[0, 1, 1]], np.uint8), np.array([[128, 64, 128], [0, 0, 0]] + [[0, 0, 0]] * 254, np.uint8)
        ),
        "leftImg8bit/train/ulm/ulm_1_leftImg8bit.jpg": b"",
        "gtFine/train/ulm/ulm_1.png": b"",
    }
    with opened_archive(zip_of(files)) as archive:
        found = find_labels(archive, ExportFormat.CITYSCAPES, ReadingTerms(CITYSCAPES_CLASSES))
        read = [label.read((3, 1)).labels.tolist() for label in found.labels]

    assert read == [[[0, 255, 18]], [[0, 255, 18]], [[0, 255, 255]]]
    assert [file for file, _ in found.faults] == ["gtFine/train/ulm/ulm_1.png"]


def test_every_json_of_a_coco_archive_is_a_document() -> None:
    with opened_archive(zip_of({"annotations/a.json": b"[]", "images/a.jpg": b"", "b.xml": b""})) as archive:
        found = find_labels(archive, ExportFormat.COCO, ReadingTerms(TABLE))

    assert [(file, fault.code) for file, fault in found.faults] == [
        ("annotations/a.json", "bad_document"),
        ("b.xml", "not_a_label"),
    ]


def test_our_own_json_is_written_only() -> None:
    assert ExportFormat.JSON not in READERS
