from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.classes import CITYSCAPES_CLASSES
from core.data.domain_classes import FLAT, NATURE, SEVEN_CLASSES, VEHICLE
from core.data.faults import DataFaultError
from core.data.label_reading import label_reading
from core.data.opening import dataset_classes, open_dataset
from core.data.pairing import PairedFiles
from core.data.presence import known_presence, scan_presence
from core.data.samples import LabelMap
from core.data.specs import FolderDatasetSpec

TERRAIN, CARAVAN, CAR, UNDEFINED = 22, 29, 26, 77


def street(root: Path, adapter: str = "gta5", **options: object) -> FolderDatasetSpec:
    """Write one picture of terrain, caravan, car and an id that no table has."""
    files = {
        "gta5": ("images/00001.png", "labels/00001.png"),
        "cityscapes": ("leftImg8bit/train/ulm/ulm_1_leftImg8bit.png", "gtFine/train/ulm/ulm_1_gtFine_labelIds.png"),
    }[adapter]
    label = np.array([[TERRAIN, CARAVAN, CAR, UNDEFINED]], np.uint8)
    for name, pixels in zip(files, (np.zeros((1, 4, 3), np.uint8), label), strict=True):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        PILImage.fromarray(pixels).save(root / name)
    return FolderDatasetSpec.model_validate({"adapter": adapter, "root": str(root), **options})


def folder(root: Path, *classes: str, **options: object) -> FolderDatasetSpec:
    (root / "labels").mkdir(parents=True)
    (root / "classes.json").write_text(json.dumps({"classes": classes}))
    PILImage.fromarray(np.array([range(len(classes))], np.uint8)).save(root / "labels/a.png")
    return FolderDatasetSpec.model_validate({"adapter": "folder", "root": str(root), **options})


@pytest.mark.parametrize(
    ("adapter", "name", "expected"),
    [
        ("gta5", "7", [FLAT, 255, VEHICLE]),
        ("cityscapes", "7", [NATURE, VEHICLE, VEHICLE]),
        ("gta5", "7-consistent", [FLAT, VEHICLE, VEHICLE]),
        ("cityscapes", "7-consistent", [FLAT, VEHICLE, VEHICLE]),
        ("cityscapes", "19", [9, 255, 13]),
    ],
)
def test_published_tables_read_label_ids(tmp_path: Path, adapter: str, name: str, expected: list[int]) -> None:
    spec = street(tmp_path, adapter, class_list=name)

    opened = open_dataset(spec, tmp_path, splits=["train"])

    assert opened.classes == (CITYSCAPES_CLASSES if name == "19" else SEVEN_CLASSES)
    assert opened.train.label(0)[0].tolist() == [*expected, UNDEFINED]


def test_train_ids_of_cityscapes_become_their_categories(tmp_path: Path) -> None:
    spec = street(tmp_path, "cityscapes", class_list="7")
    labels = tmp_path / "gtFine/train/ulm"
    (labels / "ulm_1_gtFine_labelIds.png").rename(labels / "ulm_1_gtFine_labelTrainIds.png")
    PILImage.fromarray(np.array([[9, 13, 255, 0]], np.uint8)).save(labels / "ulm_1_gtFine_labelTrainIds.png")

    assert open_dataset(spec, tmp_path, splits=["train"]).train.label(0)[0].tolist() == [NATURE, VEHICLE, 255, FLAT]


def test_scans_of_two_tables_are_kept_apart_though_their_classes_are_the_same(tmp_path: Path) -> None:
    street(tmp_path / "data")
    PILImage.fromarray(np.array([[TERRAIN, CARAVAN, CAR, 7]], np.uint8)).save(tmp_path / "data/labels/00001.png")

    def train(name: str | None) -> PairedFiles:
        spec = FolderDatasetSpec.model_validate({"adapter": "gta5", "root": str(tmp_path / "data"), "class_list": name})
        return open_dataset(spec, tmp_path, splits=["train"]).train

    published = scan_presence(train("7"), tmp_path / "cache")

    assert published.pixels[0, VEHICLE] == 1
    assert known_presence(train("7-consistent"), tmp_path / "cache") is None
    scan_presence(train(None), tmp_path / "cache")
    of_nineteen = known_presence(train("19"), tmp_path / "cache")
    assert of_nineteen is not None
    assert of_nineteen.pixels[0, 9] == 1


def test_other_layouts_are_read_by_the_names_of_their_classes(tmp_path: Path) -> None:
    spec = folder(tmp_path, "Sky", "kite", "traffic_light", "object", "rider", class_list=7)

    reading = label_reading(spec)

    assert dataset_classes(spec).names == {2: "object", 4: "sky", 5: "human"}
    assert np.array_equal(cast(LabelMap, reading.decode(tmp_path / "labels/a.png")), [[4, 255, 2, 2, 5]])


def test_renamed_classes_are_read_as_what_others_call_them(tmp_path: Path) -> None:
    spec = folder(tmp_path, "pavement", "tree", renamed={"pavement": "sidewalk", "tree": "vegetation"})

    assert dataset_classes(spec).names == {0: "sidewalk", 1: "vegetation"}
    assert dataset_classes(spec.model_copy(update={"class_list": "19"})).names == {1: "sidewalk", 8: "vegetation"}


@pytest.mark.parametrize(
    ("classes", "options", "message"),
    [
        (
            ("kite", "nut"),
            {"class_list": "7"},
            r"none of its classes \(kite, nut\) is in the list of 7 classes \(flat, ",
        ),
        (("road", "Road_"), {"class_list": "19"}, "ids 0 'road' and 1 'Road_' would be one class"),
        (("road", "way"), {"renamed": {"way": "road"}}, "ids 0 'road' and 1 'road' would be one class"),
        (("road", "tree"), {"renamed": {"tee": "vegetation"}}, "class 'tee', which it has not; did you mean 'tree'"),
    ],
)
def test_class_lists_that_do_not_map_are_refused(
    tmp_path: Path, classes: tuple[str, ...], options: dict[str, object], message: str
) -> None:
    with pytest.raises(DataFaultError, match=message):
        label_reading(folder(tmp_path, *classes, **options))


def test_what_was_stored_without_a_class_list_keeps_its_form(tmp_path: Path) -> None:
    assert set(street(tmp_path).model_dump()) == {"adapter", "root", "train_split", "eval_split"}
