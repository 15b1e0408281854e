"""Images and labels side by side."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.data.faults import DataFaultError, FaultKind
from core.data.pairing import PairedFiles, file_faults, require_root
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


def test_missing_files_are_refused_with_their_names_and_the_count(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path))
    pairs[3].label.unlink()
    pairs[5].image.unlink()
    pairs[5].label.unlink()

    names = "labels/train_3.png, images/train_5.png, labels/train_5.png"
    with pytest.raises(DataFaultError, match=rf"train_3\.png: does not exist; .*; 3 files cannot be used: {names}; "):
        PairedFiles(pairs, CLASSES, root=tmp_path)
    assert [fault.path for fault in file_faults(pairs)] == [pairs[3].label, pairs[5].image, pairs[5].label]


def test_of_many_missing_files_the_first_twenty_are_named(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path))
    for pair in pairs:
        pair.image.unlink()
        pair.label.unlink()

    with pytest.raises(
        DataFaultError, match=r"26 files cannot be used: images/train_0.*train_9\.png and 6 more; "
    ) as fault:
        PairedFiles(pairs, CLASSES, root=tmp_path)
    assert str(fault.value).count("train_9.png") == 2


def test_a_label_of_another_suffix_is_named_beside_the_missing_one(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path))
    pairs[3].label.rename(pairs[3].label.with_suffix(".JPG"))

    [fault] = file_faults(pairs)

    assert "train_3.png: does not exist, though train_3.JPG lies there; " in str(fault)
    assert str(fault).endswith("the label of 'train_3', and labels are PNG files")


def test_a_pipe_in_place_of_a_file_is_named_and_never_opened(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path))
    pairs[1].image.unlink()
    os.mkfifo(pairs[1].image)

    with pytest.raises(DataFaultError, match=r"train_1\.png: is a named pipe; put a plain file there") as fault:
        PairedFiles(pairs, CLASSES)

    assert fault.value.kind is FaultKind.NOT_A_FILE


def test_a_link_out_of_the_root_is_named_with_its_target(tmp_path: Path) -> None:
    pairs = pairs_of(write_folder_dataset(tmp_path / "root"))
    outside = pairs[1].image.rename(tmp_path / "outside.png")
    pairs[1].image.symlink_to(outside)

    with pytest.raises(
        DataFaultError, match=rf"train_1\.png: leads out of the dataset's root, to {outside}; "
    ) as fault:
        PairedFiles(pairs, CLASSES, root=tmp_path / "root")

    assert fault.value.kind is FaultKind.LEADS_OUT


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


def test_missing_root_and_file_as_root_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DataFaultError, match="the dataset's root does not exist"):
        require_root(tmp_path / "gone")
    with pytest.raises(DataFaultError, match="the dataset's root is not a folder"):
        require_root(tmp_path / "file")
