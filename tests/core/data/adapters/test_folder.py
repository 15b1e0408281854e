"""Images, index PNGs and a class table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.adapters import folder
from core.data.faults import DataFaultError
from tests.support.datasets import write_folder_dataset


def test_pairs_follow_the_list_and_not_the_folder(tmp_path: Path) -> None:
    write_folder_dataset(tmp_path)
    (tmp_path / "few.txt").write_text("val_1\ntrain_0\n")

    pairs = folder.list_pairs(tmp_path, "few")

    assert [pair.id for pair in pairs] == ["val_1", "train_0"]
    assert pairs[0].label == tmp_path / "labels" / "val_1.png"


def test_images_of_several_formats_and_in_sub_folders_are_found(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.PNG", "city/c.v2.bmp"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        PILImage.fromarray(np.zeros((2, 2, 3), np.uint8)).save(path)
    (tmp_path / "train.txt").write_text("a\nb\ncity/c.v2\n")

    pairs = folder.list_pairs(tmp_path, "train")

    assert [pair.image.name for pair in pairs] == ["a.jpg", "b.PNG", "c.v2.bmp"]
    assert pairs[2].label == tmp_path / "labels/city/c.v2.png"


def test_image_that_is_not_there_is_listed_for_the_check_to_report(tmp_path: Path) -> None:
    write_folder_dataset(tmp_path, train=((1,),))
    (tmp_path / "images/train_0.png").unlink()

    assert folder.list_pairs(tmp_path, "train")[0].image == tmp_path / "images/train_0.jpg"


def test_class_table_has_no_background_unless_it_says_so(tmp_path: Path) -> None:
    write_folder_dataset(tmp_path, ignore_id=11)

    classes = folder.read_classes(tmp_path)

    assert (classes.background_id, classes.ignore_id, classes.names[0]) == (None, 11, "floor")


def test_id_that_is_listed_twice_is_refused(tmp_path: Path) -> None:
    write_folder_dataset(tmp_path)
    (tmp_path / "train.txt").write_text("train_0\ntrain_0\n")

    with pytest.raises(DataFaultError, match=r"train\.txt: names 'train_0' twice"):
        folder.list_pairs(tmp_path, "train")


def test_splits_are_the_lists_of_the_root(tmp_path: Path) -> None:
    for name in ("val", "test_dusk", "train"):
        (tmp_path / f"{name}.txt").write_text("one\n")

    assert folder.split_names(tmp_path) == ["test_dusk", "train", "val"]
