"""Datasets opened by their specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.classes import object_classes
from core.data.faults import DataFaultError
from core.data.opening import dataset_classes, on_disk, open_dataset
from core.data.worlds.objects_world import ObjectsDatasetSpec
from tests.support.datasets import SIX_CLASSES, pairs_of, write_folder_dataset, write_voc_dataset

SMALL_WORLD = ObjectsDatasetSpec(world="objects", classes=3, size_px=32, train_images=5, eval_images=2)


def test_folder_dataset_is_opened_with_both_splits(tmp_path: Path) -> None:
    opened = open_dataset(write_folder_dataset(tmp_path), tmp_path / "home")

    assert (len(opened.train), len(opened.eval)) == (len(SIX_CLASSES), 6)
    assert opened.train.classes == opened.classes


def test_dataset_with_a_missing_file_is_not_opened(tmp_path: Path) -> None:
    spec = write_voc_dataset(tmp_path)
    pairs_of(spec)[0].label.unlink()

    with pytest.raises(DataFaultError, match=r"SegmentationClassAug/train_0\.png: does not exist; .*check-data"):
        open_dataset(spec, tmp_path / "home")


def test_world_is_drawn_once_and_read_through_its_adapter(tmp_path: Path) -> None:
    first = open_dataset(SMALL_WORLD, tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")}
    second = open_dataset(SMALL_WORLD, tmp_path)

    assert (len(first.train), len(first.eval)) == (5, 2)
    assert second.train.ids == first.train.ids
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")} == written


def test_another_seed_is_another_folder(tmp_path: Path) -> None:
    other = SMALL_WORLD.model_copy(update={"seed": 1})

    assert on_disk(SMALL_WORLD, tmp_path).root != on_disk(other, tmp_path).root


def test_classes_of_a_world_are_known_before_it_is_drawn(tmp_path: Path) -> None:
    before = dataset_classes(SMALL_WORLD)

    assert before == object_classes(3)
    assert open_dataset(SMALL_WORLD, tmp_path).classes == before


def test_classes_of_a_folder_are_read_from_its_table(tmp_path: Path) -> None:
    assert dataset_classes(write_folder_dataset(tmp_path)).names[6] == "six"


def test_only_the_splits_that_are_asked_for_are_opened(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    (tmp_path / "val.txt").unlink()

    opened = open_dataset(spec, tmp_path, splits=["train"])

    assert (len(opened.train), opened.folder) == (len(SIX_CLASSES), spec)
    with pytest.raises(KeyError, match="eval"):
        opened.eval  # noqa: B018 - reading it is the test
