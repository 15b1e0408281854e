from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.adapters import ade20k
from core.data.faults import DataFaultError
from core.data.opening import open_dataset
from core.data.specs import FolderDatasetSpec


def write(root: Path, split: str, name: str, ids: list[int]) -> None:
    label = np.array([ids], np.uint8)
    for path, pixels in (
        (root / "images" / split / f"{name}.jpg", np.full((*label.shape, 3), 90, np.uint8)),
        (root / "annotations" / split / f"{name}.png", label),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / ade20k.BENCHMARK_FOLDER
    write(folder, "training", "ADE_train_00000002", [0, 1, 150])
    write(folder, "training", "ADE_train_00000001", [7, 7, 0])
    write(folder, "validation", "ADE_val_00000001", [150, 13, 0])
    return tmp_path


def test_raw_ids_are_classes_and_0_is_background(root: Path) -> None:
    opened = open_dataset(FolderDatasetSpec(adapter="ade20k", root=str(root)), root / "home")

    assert list(opened.train.ids) == ["ADE_train_00000001", "ADE_train_00000002"]
    assert [opened.train.label(at).tolist() for at in (0, 1)] == [[[7, 7, 0]], [[0, 1, 150]]]
    assert list(opened.eval.ids) == ["ADE_val_00000001"]
    classes = opened.classes
    assert (len(classes.names), classes.names[13], classes.names[150]) == (150, "person", "flag")
    assert (classes.background_id, classes.unseen_in_tests) == (0, "ignored")


def test_root_may_be_the_benchmarks_own_folder(root: Path) -> None:
    folder = root / ade20k.BENCHMARK_FOLDER

    assert ade20k.list_pairs(folder, "training") == ade20k.list_pairs(root, "training")
    assert ade20k.split_names(folder) == ["training", "validation"]


def test_split_that_is_not_there_names_those_that_are(root: Path) -> None:
    with pytest.raises(DataFaultError, match="the splits here are training, validation"):
        ade20k.list_pairs(root, "train")


def test_folder_without_images_says_what_belongs_there(root: Path) -> None:
    (root / ade20k.BENCHMARK_FOLDER / "images/testing").mkdir()

    with pytest.raises(DataFaultError, match=r"holds no \*\.jpg"):
        ade20k.list_pairs(root, "testing")
