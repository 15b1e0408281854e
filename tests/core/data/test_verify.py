"""The check of a dataset root: every fault, in one go."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.faults import FaultKind
from core.data.opening import open_dataset
from core.data.pairing import Pair
from core.data.presence import known_presence, scan_presence
from core.data.specs import FolderDatasetSpec
from core.data.verify import check_dataset, verify_dataset
from tests.support.datasets import (
    BLOCK_PIXELS,
    SIZE_PX,
    cut_short,
    make_label_16_bit,
    make_label_a_colour_image,
    make_label_smaller,
    pairs_of,
    put_id_into_label,
    write_folder_dataset,
    write_png_header,
    write_voc_dataset,
)


def test_sound_dataset_is_counted_by_class_and_split(tmp_path: Path) -> None:
    report = verify_dataset(write_voc_dataset(tmp_path, train=((1,), (1, 3)), evaluation=((3,),)))

    train, val = report.splits
    assert report.is_sound
    assert (train.name, train.listed, train.sound) == ("train_aug", 2, 2)
    assert train.images == {0: 2, 1: 2, 3: 1}
    assert train.pixels == {0: 2 * SIZE_PX**2 - 3 * BLOCK_PIXELS, 1: 2 * BLOCK_PIXELS, 3: BLOCK_PIXELS}
    assert val.pixels[3] == BLOCK_PIXELS


@pytest.mark.parametrize("write", [write_voc_dataset, write_folder_dataset])
@pytest.mark.parametrize(
    ("damage", "kind", "message"),
    [
        (lambda pair: pair.image.unlink(), FaultKind.MISSING_FILE, "lists it as the image of 'train_2'"),
        (lambda pair: pair.label.unlink(), FaultKind.MISSING_FILE, "lists it as the label of 'train_2'"),
        (make_label_smaller, FaultKind.SIZE_MISMATCH, "is 32x31 but its image"),
        (make_label_a_colour_image, FaultKind.NOT_AN_INDEX, "this one has mode RGB"),
        (make_label_16_bit, FaultKind.NOT_AN_INDEX, "this one has mode I;16"),
        (lambda pair: cut_short(pair.image), FaultKind.UNREADABLE, "damaged or cut short"),
        (lambda pair: cut_short(pair.label), FaultKind.UNREADABLE, "damaged or cut short"),
        (
            lambda pair: put_id_into_label(pair, 77, 3),
            FaultKind.UNKNOWN_ID,
            "label id 77 (3 pixels) is not in the class",
        ),
    ],
)
def test_each_fault_is_reported_with_its_file(
    tmp_path: Path,
    write: Callable[[Path], FolderDatasetSpec],
    damage: Callable[[Pair], None],
    kind: FaultKind,
    message: str,
) -> None:
    spec = write(tmp_path)
    damage(pairs_of(spec)[2])

    report = verify_dataset(spec)

    assert [fault.kind for fault in report.faults] == [kind]
    assert message in report.faults[0].message
    assert "train_2" in report.faults[0].path
    assert report.splits[0].sound == report.splits[0].listed - 1


def test_all_faults_of_a_root_are_reported_at_once(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    train, val = pairs_of(spec), pairs_of(spec, "val")
    train[0].image.unlink()
    train[0].label.unlink()
    make_label_a_colour_image(train[1])
    make_label_smaller(train[2])
    put_id_into_label(train[2], 200)
    cut_short(val[0].image)
    cut_short(val[0].label)

    report = verify_dataset(spec)

    assert [fault.kind for fault in report.faults] == [
        FaultKind.MISSING_FILE,
        FaultKind.MISSING_FILE,
        FaultKind.NOT_AN_INDEX,
        FaultKind.SIZE_MISMATCH,
        FaultKind.UNKNOWN_ID,
        FaultKind.UNREADABLE,
        FaultKind.UNREADABLE,
    ]


def test_missing_root_is_one_fault(tmp_path: Path) -> None:
    spec = FolderDatasetSpec(adapter="voc", root=str(tmp_path / "gone"))

    report = verify_dataset(spec)

    assert [fault.kind for fault in report.faults] == [FaultKind.MISSING_ROOT]
    assert report.splits == ()


def test_empty_root_lacks_its_lists_and_its_class_table(tmp_path: Path) -> None:
    spec = FolderDatasetSpec(adapter="folder", root=str(tmp_path))

    report = verify_dataset(spec)

    assert [Path(fault.path).name for fault in report.faults] == ["classes.json", "train.txt", "val.txt"]


def test_empty_split_does_not_hide_the_faults_of_the_other(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    (tmp_path / "train.txt").write_text("")
    pairs_of(spec, "val")[1].label.unlink()

    report = verify_dataset(spec)

    assert [fault.kind for fault in report.faults] == [FaultKind.EMPTY, FaultKind.MISSING_FILE]
    assert [split.name for split in report.splits] == ["val"]


def test_files_are_still_checked_without_a_class_table(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    (tmp_path / "classes.json").unlink()
    cut_short(pairs_of(spec)[0].image)

    report = verify_dataset(spec)

    assert [fault.kind for fault in report.faults] == [FaultKind.BAD_LIST, FaultKind.UNREADABLE]


def test_text_gives_counts_classes_and_the_number_of_faults_left_out(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    for pair in pairs_of(spec)[:5]:
        pair.label.unlink()

    lines = verify_dataset(spec).to_text(of_a_kind=2).splitlines()

    assert lines[0] == f"{tmp_path} (folder): 5 faults"
    assert "split train: 13 images, 8 without fault" in lines
    assert "    2  two                         1           100" in lines
    assert lines[lines.index("missing file: 5") + 3] == "  … and 3 more"


def test_ignored_pixels_and_raw_id_0_are_no_fault_without_background(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path, ignore_id=11)
    put_id_into_label(pairs_of(spec)[0], 11, 4)

    report = verify_dataset(spec)

    assert report.is_sound
    assert report.splits[0].pixels[11] == 4


def test_sizes_and_kinds_of_pixels_are_counted(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    grey = pairs_of(spec)[0]
    PILImage.new("L", (16, 8)).save(grey.image)
    PILImage.new("L", (16, 8)).save(grey.label)

    train = verify_dataset(spec).splits[0]

    assert [(size.width, size.height, size.images) for size in train.sizes] == [(SIZE_PX, SIZE_PX, 12), (16, 8, 1)]
    assert (train.num_sizes, train.modes) == (2, {"RGB": 12, "L": 1})


def test_value_outside_the_class_list_is_told_with_its_first_file(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    pairs = pairs_of(spec)
    put_id_into_label(pairs[4], 77, 3)
    put_id_into_label(pairs[2], 77, 1)

    unknown = verify_dataset(spec).splits[0].unknown

    assert [(entry.id, entry.labels, entry.pixels) for entry in unknown] == [(77, 2, 4)]
    assert unknown[0].first == str(pairs[2].label)


def test_picture_that_is_in_both_splits_is_a_notice_and_no_fault(tmp_path: Path) -> None:
    classes = ("floor", "one", "two")
    spec = write_folder_dataset(tmp_path, train=((1,), (2,)), evaluation=((1, 2),), classes=classes)
    shutil.copy(pairs_of(spec)[1].image, pairs_of(spec, "val")[0].image)

    report = verify_dataset(spec)

    assert report.is_sound
    assert [notice.kind for notice in report.notices] == [FaultKind.DUPLICATE]
    assert "'train_1' of train is the same picture as 'val_0' of val; scores" in report.notices[0].message


def test_picture_that_is_too_large_by_its_header_is_a_fault(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    write_png_header(pairs_of(spec)[0].image, 20_000, 20_000)

    assert [fault.kind for fault in verify_dataset(spec).faults] == [FaultKind.TOO_LARGE]


def test_digest_changes_with_any_byte_and_with_nothing_else(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    before = verify_dataset(spec).digest
    pairs_of(spec)[0].image.touch()
    touched = verify_dataset(spec).digest
    put_id_into_label(pairs_of(spec)[0], 5)

    assert before == touched != verify_dataset(spec).digest


def test_index_has_the_images_of_both_splits_with_their_classes(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path, train=((1,), (1, 3)), evaluation=((3,),))
    pairs_of(spec)[0].image.unlink()

    index = check_dataset(spec).index

    assert index.splits == (("train", 2), ("val", 1))
    assert index.entry(0).size is None
    assert (index.entry(1).size, index.entry(1).classes) == ((SIZE_PX, SIZE_PX), (0, 1, 3))
    assert index.entry(1).image_path == "images/train_1.png"


def test_what_labels_show_is_kept_for_runs_as_long_as_all_are_sound(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path / "data", train=((1,), (1, 3)), evaluation=((3,),))
    put_id_into_label(pairs_of(spec, "val")[0], 99)

    check_dataset(spec, tmp_path / "kept")

    opened = open_dataset(spec, tmp_path)
    known = known_presence(opened.train, tmp_path / "kept")
    assert known is not None
    assert np.array_equal(known.pixels, scan_presence(opened.train).pixels)
    assert known_presence(opened.eval, tmp_path / "kept") is None
