from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage
from pycocotools import mask as coco_mask

from core.data.adapters import folder
from core.data.exchange.manifest import ExportFormat, ExportManifest
from tests.support.exported import HEIGHT, WIDTH, labels_with_hole, write_export


def _contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _index(data: bytes) -> np.ndarray:
    return np.asarray(PILImage.open(io.BytesIO(data)))


@pytest.mark.parametrize("form", list(ExportFormat))
def test_the_same_answers_give_the_same_bytes_and_a_manifest_that_names_all_files(
    tmp_path: Path, form: ExportFormat
) -> None:
    manifest, answers = write_export(tmp_path / "one.zip", form, images=True)
    write_export(tmp_path / "two.zip", form, images=True)

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert answers.reads == 2
    contents = _contents(tmp_path / "one.zip")
    names = list(contents)
    assert names[:-1] == sorted(names[:-1])
    assert names[-1] == "manifest.json"
    stored = ExportManifest.model_validate_json(contents.pop("manifest.json"))
    assert stored == manifest
    assert {one.path: one.sha256 for one in stored.files} == {
        name: hashlib.sha256(data).hexdigest() for name, data in contents.items()
    }


def test_pictures_are_left_out_unless_they_are_wanted(tmp_path: Path) -> None:
    write_export(tmp_path / "one.zip", ExportFormat.INDEX_PNG)

    assert list(_contents(tmp_path / "one.zip")) == [
        "classes.json", "labels/bonn_2.png", "labels/ulm_1.png", "train.txt", "manifest.json",
    ]  # fmt: skip


def test_index_pngs_with_pictures_are_a_root_of_the_folder_adapter(tmp_path: Path) -> None:
    write_export(tmp_path / "one.zip", ExportFormat.INDEX_PNG, images=True)
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path / "root")

    pairs = folder.list_pairs(tmp_path / "root", "train")
    table = folder.read_classes(tmp_path / "root")

    assert [pair.id for pair in pairs] == ["bonn_2", "ulm_1"]
    assert np.array_equal(folder.read_label(pairs[1].label), labels_with_hole())
    assert pairs[1].image.read_bytes() == b"\xff\xd8ulm_1"
    assert (table.names[3], table.names[7], table.ignore_id) == ("road", "sky", 255)


def test_cityscapes_trees_have_three_files_an_image_and_its_picture(tmp_path: Path) -> None:
    write_export(tmp_path / "one.zip", ExportFormat.CITYSCAPES, images=True)

    contents = _contents(tmp_path / "one.zip")

    assert [name for name in contents if "ulm" in name] == [
        "gtFine/train/ulm/ulm_1_gtFine_color.png",
        "gtFine/train/ulm/ulm_1_gtFine_labelIds.png",
        "gtFine/train/ulm/ulm_1_gtFine_labelTrainIds.png",
        "leftImg8bit/train/ulm/ulm_1_leftImg8bit.jpg",
    ]
    assert np.array_equal(_index(contents["gtFine/train/ulm/ulm_1_gtFine_labelIds.png"]), labels_with_hole())
    colours = _index(contents["gtFine/train/ulm/ulm_1_gtFine_color.png"])
    assert colours[0, 0].tolist() == [0x46, 0x82, 0xB4]
    assert colours[0, 7].tolist() == [0, 0, 0]


def test_coco_has_one_annotation_a_class_with_its_holes(tmp_path: Path) -> None:
    write_export(tmp_path / "one.zip", ExportFormat.COCO)

    document: dict[str, Any] = json.loads(_contents(tmp_path / "one.zip")["annotations.json"])

    assert document["images"] == [
        {"id": 1, "file_name": "bonn_2.jpg", "width": WIDTH, "height": HEIGHT},
        {"id": 2, "file_name": "ulm_1.jpg", "width": WIDTH, "height": HEIGHT},
    ]
    assert [(one["id"], one["name"]) for one in document["categories"]] == [(3, "road"), (7, "sky")]
    annotations = document["annotations"]
    assert [(one["id"], one["image_id"], one["category_id"]) for one in annotations] == [
        (1, 1, 3),
        (2, 2, 3),
        (3, 2, 7),
    ]
    road = annotations[1]
    assert (road["area"], road["bbox"], road["iscrowd"]) == (4 * 5 - 2 * 3 + 1, [1.0, 1.0, 5.0, 4.0], 0)
    assert np.array_equal(coco_mask.decode(road["segmentation"]).astype(bool), labels_with_hole() == 3)
    # The ignored pixel is in neither.
    assert annotations[2]["area"] == WIDTH * HEIGHT - road["area"] - 1


def test_json_has_provenance_and_run_lengths_of_each_answer(tmp_path: Path) -> None:
    write_export(tmp_path / "one.zip", ExportFormat.JSON)

    document: dict[str, Any] = json.loads(_contents(tmp_path / "one.zip")["answers.json"])

    assert (document["ignore_id"], document["acquisition"]["name"]) == (255, "stal")
    answer = document["answers"][1]
    assert (answer["image"], answer["author"], answer["seconds"], answer["pixels"]) == ("ulm_1", "ann", 2.5, 47)
    assert [one["class_id"] for one in answer["segments"]] == [3, 7]
    assert coco_mask.area(answer["segments"][0]["rle"]) == 15
