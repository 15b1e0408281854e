from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.adapters import mapillary
from core.data.faults import DataFaultError, FaultKind
from core.data.opening import open_dataset
from core.data.specs import FolderDatasetSpec
from core.data.verify import verify_dataset

SKY, CURB, CYCLIST, ROAD = 27, 2, 20, 13
IDS = [ROAD, SKY, CURB, CYCLIST, 65, 66]


def write(root: Path, name: str, ids: list[int], split: str = "train", labels: str = "labels") -> None:
    label = np.array([ids], np.uint8)
    for folder in ("images", labels):
        (root / split / folder).mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((*label.shape, 3), np.uint8)).save(root / split / "images" / f"{name}.jpg")
    palette = Image.fromarray(label)
    palette.putpalette([value for index in range(256) for value in (255 - index, index, 7)])
    palette.save(root / split / labels / f"{name}.png")


def spec(root: Path) -> FolderDatasetSpec:
    return FolderDatasetSpec.model_validate({"adapter": "mapillary", "root": str(root)})


def test_palette_indices_become_train_ids_and_undefined_ones_stay_to_be_found(tmp_path: Path) -> None:
    write(tmp_path, "a", IDS)
    (pair,) = mapillary.list_pairs(tmp_path, "train")

    assert mapillary.read_label(pair.label).tolist() == [[0, 10, 255, 12, 255, 66]]
    assert mapillary.table_of(pair.label, "7")[IDS].tolist() == [0, 4, 1, 5, 255, 66]


@pytest.mark.parametrize(
    ("train", "labels"), [("train", "labels"), ("training", "labels"), ("training", "v1.2/labels")]
)
def test_splits_are_found_as_both_releases_call_them(tmp_path: Path, train: str, labels: str) -> None:
    for name in ("b", "a"):
        write(tmp_path, name, [ROAD], train, labels)
    write(tmp_path, "c", [SKY], "validation", labels)

    opened = open_dataset(spec(tmp_path), tmp_path)

    assert (list(opened.train.ids), list(opened.eval.ids)) == (["a", "b"], ["c"])
    assert opened.eval.label(0).tolist() == [[10]]
    assert mapillary.split_names(tmp_path) == [train, "validation"]


def test_a_list_names_train_images(tmp_path: Path) -> None:
    write(tmp_path, "a", [ROAD])
    write(tmp_path, "b", [ROAD])
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/few.txt").write_text("b.jpg\n")

    assert [pair.id for pair in mapillary.list_pairs(tmp_path, "few")] == ["b"]
    (tmp_path / "lists/few.txt").write_text("b\nb\n")
    with pytest.raises(DataFaultError, match="names 'b' twice"):
        mapillary.list_pairs(tmp_path, "few")


def test_a_missing_label_is_named(tmp_path: Path) -> None:
    for split in ("train", "validation"):
        write(tmp_path, "a", [ROAD], split)
    (tmp_path / "train/labels/a.png").unlink()

    with pytest.raises(DataFaultError, match=r"train/labels/a.png: does not exist; the split lists it as the label of"):
        open_dataset(spec(tmp_path), tmp_path)
    open_dataset(spec(tmp_path), tmp_path, labelled=["eval"])


def test_two_images_of_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a", [ROAD])
    Image.fromarray(np.zeros((1, 1, 3), np.uint8)).save(tmp_path / "train/images/a.png")

    with pytest.raises(DataFaultError, match=r"a.png beside it have one id, 'a'"):
        mapillary.list_pairs(tmp_path, "train")


def test_an_empty_split_and_a_missing_one_say_what_belongs_there(tmp_path: Path) -> None:
    (tmp_path / "train/images").mkdir(parents=True)

    with pytest.raises(DataFaultError, match=r"holds no \*.jpg; unpack the images here"):
        mapillary.list_pairs(tmp_path, "train")
    with pytest.raises(DataFaultError, match="the split does not exist"):
        mapillary.list_pairs(tmp_path, "validation")


def test_train_ids_in_place_of_the_sixty_six_ids_are_named(tmp_path: Path) -> None:
    for split in ("train", "validation"):
        write(tmp_path, "a", [0, 2, 8, 10, 13], split)

    fault = verify_dataset(spec(tmp_path)).faults[0]

    assert fault.kind is FaultKind.TRAIN_IDS
    assert "write the 66 ids of Mapillary Vistas v1.2" in fault.message
