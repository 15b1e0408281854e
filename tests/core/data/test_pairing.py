"""Images and labels side by side."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.data.faults import DataFaultError, FaultKind
from core.data.pairing import PairedFiles, inside, missing_files, read_split_list, require_root
from core.data.samples import DenseDataset
from tests.support.datasets import (
    BLOCK_PIXELS,
    draw_picture,
    make_label_smaller,
    pairs_of,
    put_id_into_label,
    write_folder_dataset,
)

CLASSES = ClassTable({raw_id: f"class {raw_id}" for raw_id in range(7)}, background_id=None)


def test_item_is_the_image_and_the_ids_that_were_written(tmp_path: Path) -> None:
    dataset: DenseDataset = PairedFiles(pairs_of(write_folder_dataset(tmp_path)), CLASSES)

    image, label = draw_picture((1, 2), seed=2)

    np.testing.assert_array_equal(dataset.image(2), image)
    np.testing.assert_array_equal(dataset.label(2), label)
    assert np.count_nonzero(label == 2) == BLOCK_PIXELS
    assert (dataset.ids[2], len(dataset)) == ("train_2", 13)


def test_missing_files_are_refused_with_the_first_name_and_the_count(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path))
    pairs[3].label.unlink()
    pairs[5].image.unlink()
    pairs[5].label.unlink()

    with pytest.raises(DataFaultError, match=r"train_3\.png: does not exist \(and 2 more files are missing\)"):
        PairedFiles(pairs, CLASSES)
    assert [fault.path for fault in missing_files(pairs)] == [pairs[3].label, pairs[5].image, pairs[5].label]


def test_label_of_another_size_than_its_image_is_refused_when_read(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path))
    make_label_smaller(pairs[0])

    with pytest.raises(DataFaultError, match=r"labels/train_0\.png: is 32x31 but its image train_0\.png is 32x32"):
        PairedFiles(pairs, CLASSES).label(0)


def test_fingerprint_stays_while_nothing_changes_and_changes_with_a_label(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path))
    before = PairedFiles(pairs, CLASSES).fingerprint()
    again = PairedFiles(pairs, CLASSES).fingerprint()

    status = pairs[4].label.stat()
    put_id_into_label(pairs[4], 5)
    os.utime(pairs[4].label, ns=(status.st_atime_ns, status.st_mtime_ns + 1))

    assert again == before
    assert PairedFiles(pairs, CLASSES).fingerprint() != before


def test_fingerprint_depends_on_the_class_table(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path))

    assert PairedFiles(pairs, CLASSES).fingerprint() != PairedFiles(pairs, ClassTable({1: "one"})).fingerprint()


def test_split_list_leaves_blank_lines_out(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a\n\n  b \n")

    assert read_split_list(tmp_path / "train.txt") == ["a", "b"]


def test_missing_split_names_the_splits_there_are(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a\n")

    with pytest.raises(DataFaultError, match=r"trian\.txt: the split does not exist; splits there: train"):
        read_split_list(tmp_path / "trian.txt")


def test_empty_split_is_a_fault_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("\n")

    with pytest.raises(DataFaultError, match="lists no image") as fault:
        read_split_list(tmp_path / "train.txt")

    assert fault.value.kind is FaultKind.EMPTY


@pytest.mark.parametrize("name", ["../secret", "a/../../b", "/"])
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataFaultError, match="leads out of"):
        inside(tmp_path, name, tmp_path / "train.txt")


def test_leading_slash_is_relative_to_the_folder(tmp_path: Path) -> None:
    assert inside(tmp_path, "/JPEGImages/a.jpg", tmp_path / "l.txt") == tmp_path / "JPEGImages" / "a.jpg"


def test_missing_root_and_file_as_root_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DataFaultError, match="the dataset's root does not exist"):
        require_root(tmp_path / "gone")
    with pytest.raises(DataFaultError, match="the dataset's root is not a folder"):
        require_root(tmp_path / "file")
