"""The layout of PASCAL VOC 2012."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.adapters import voc
from core.data.classes import VOC_CLASSES, ClassTable
from core.data.faults import DataFaultError
from tests.support.datasets import write_voc_dataset


def test_augmented_list_gives_both_paths_and_plain_list_the_ids(tmp_path: Path) -> None:
    write_voc_dataset(tmp_path, train=((1,), (2,)), evaluation=((3,),))
    folder = tmp_path / "VOC2012"

    train, val = voc.list_pairs(tmp_path, "train_aug"), voc.list_pairs(tmp_path, "val")

    assert [pair.id for pair in train] == ["train_0", "train_1"]
    assert train[1].label == folder / "SegmentationClassAug" / "train_1.png"
    assert (val[0].image, val[0].label) == (
        folder / "JPEGImages" / "val_0.jpg",
        folder / "SegmentationClass" / "val_0.png",
    )


def test_root_may_be_the_year_folder_itself(tmp_path: Path) -> None:
    write_voc_dataset(tmp_path)

    assert voc.list_pairs(tmp_path / "VOC2012", "val") == voc.list_pairs(tmp_path, "val")


def test_classes_are_those_of_voc_unless_the_root_has_its_own(tmp_path: Path) -> None:
    before = voc.read_classes(tmp_path)
    (tmp_path / "classes.json").write_text('{"classes": ["background", "ball"], "background_id": 0}')

    assert before == VOC_CLASSES
    assert voc.read_classes(tmp_path) == ClassTable({1: "ball"})


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("a b c", "the line 'a b c' is neither one id nor two paths"),
        ("/JPEGImages/a.jpg ../../a.png", r"the name '\.\./\.\./a\.png' leads out of"),
        ("train_0", "names 'train_0' twice"),
    ],
)
def test_line_that_cannot_be_understood_is_quoted(tmp_path: Path, line: str, complaint: str) -> None:
    write_voc_dataset(tmp_path)
    split = tmp_path / "VOC2012/ImageSets/Segmentation/train_aug.txt"
    split.write_text(f"{split.read_text()}{line}\n")

    with pytest.raises(DataFaultError, match=complaint):
        voc.list_pairs(tmp_path, "train_aug")


def test_missing_root_is_said_before_anything_else(tmp_path: Path) -> None:
    with pytest.raises(DataFaultError, match="gone: the dataset's root does not exist"):
        voc.list_pairs(tmp_path / "gone", "val")
    with pytest.raises(DataFaultError, match="gone: the dataset's root does not exist"):
        voc.read_classes(tmp_path / "gone")


def test_splits_are_the_lists_of_the_segmentation_task(tmp_path: Path) -> None:
    write_voc_dataset(tmp_path)

    assert voc.split_names(tmp_path) == voc.split_names(tmp_path / "VOC2012") == ["train_aug", "val"]
