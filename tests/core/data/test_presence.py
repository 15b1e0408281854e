"""The class-presence index."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.data.faults import DataFaultError, FaultKind
from core.data.opening import open_dataset
from core.data.pairing import PairedFiles
from core.data.presence import (
    ClassPresence,
    count_pixels,
    known_presence,
    scan_presence,
)
from core.data.specs import FolderDatasetSpec
from tests.support.datasets import (
    BLOCK_PIXELS,
    SIZE_PX,
    cut_short,
    make_label_a_colour_image,
    pairs_of,
    put_id_into_label,
    write_voc_dataset,
)


def opened_train(spec: FolderDatasetSpec) -> PairedFiles:
    return open_dataset(spec, Path(spec.root)).train


@pytest.fixture
def spec(tmp_path: Path) -> FolderDatasetSpec:
    return write_voc_dataset(tmp_path / "data")


@pytest.fixture
def presence(spec: FolderDatasetSpec) -> ClassPresence:
    return scan_presence(opened_train(spec))


def test_pixels_of_every_id_are_counted() -> None:
    counts = count_pixels(np.array([[0, 3], [3, 255]], dtype=np.uint8))

    assert (counts.shape, counts[0], counts[3], counts[255], counts.sum()) == ((256,), 1, 2, 1, 4)


def test_scan_knows_the_classes_and_pixels_of_every_image(presence: ClassPresence) -> None:
    assert np.flatnonzero(presence.class_sets()[3]).tolist() == [0, 1, 3]
    assert presence.pixels[3, [0, 1, 3]].tolist() == [SIZE_PX**2 - 2 * BLOCK_PIXELS, BLOCK_PIXELS, BLOCK_PIXELS]
    assert presence.images_of(1) == 4


def test_second_scan_reads_the_cache_and_no_label(spec: FolderDatasetSpec, tmp_path: Path) -> None:
    train = opened_train(spec)
    first = scan_presence(train, tmp_path / "cache")
    label = pairs_of(spec)[0].label
    status = label.stat()
    label.write_bytes(bytes(status.st_size))
    os.utime(label, ns=(status.st_atime_ns, status.st_mtime_ns))

    again = scan_presence(train, tmp_path / "cache")

    np.testing.assert_array_equal(again.pixels, first.pixels)


def test_changed_label_is_scanned_again(spec: FolderDatasetSpec, tmp_path: Path) -> None:
    train = opened_train(spec)
    scan_presence(train, tmp_path / "cache")
    label = pairs_of(spec)[0].label
    status = label.stat()
    put_id_into_label(pairs_of(spec)[0], 9, 2)
    os.utime(label, ns=(status.st_atime_ns, status.st_mtime_ns + 1))

    assert scan_presence(train, tmp_path / "cache").pixels[0, 9] == 2


def test_damaged_cache_is_made_again(spec: FolderDatasetSpec, tmp_path: Path) -> None:
    train = opened_train(spec)
    first = scan_presence(train, tmp_path / "cache")
    (stored,) = (tmp_path / "cache").iterdir()
    cut_short(stored)

    again = scan_presence(train, tmp_path / "cache")

    np.testing.assert_array_equal(again.pixels, first.pixels)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [stored.name]


def test_empty_cache_file_is_made_again(spec: FolderDatasetSpec, tmp_path: Path) -> None:
    train = opened_train(spec)
    first = scan_presence(train, tmp_path / "cache")
    (stored,) = (tmp_path / "cache").iterdir()
    stored.write_bytes(b"")

    np.testing.assert_array_equal(scan_presence(train, tmp_path / "cache").pixels, first.pixels)


def test_id_outside_the_class_list_stops_the_scan_with_the_first_file_and_the_count(spec: FolderDatasetSpec) -> None:
    put_id_into_label(pairs_of(spec)[4], 99)
    put_id_into_label(pairs_of(spec)[6], 98, 5)

    with pytest.raises(DataFaultError, match=r"train_4\.png: label id 99 \(1 pixels\) is not in .*; 2 of 13") as fault:
        scan_presence(opened_train(spec))

    assert fault.value.kind is FaultKind.UNKNOWN_ID


def test_unreadable_label_stops_the_scan(spec: FolderDatasetSpec) -> None:
    make_label_a_colour_image(pairs_of(spec)[2])

    with pytest.raises(DataFaultError, match=r"train_2\.png: a label must be an 8-bit index image"):
        scan_presence(opened_train(spec))


def test_presence_is_known_once_it_was_scanned_and_until_a_label_changes(
    spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    train = opened_train(spec)
    before = known_presence(train, tmp_path / "cache")
    scanned = scan_presence(train, tmp_path / "cache")
    known = known_presence(train, tmp_path / "cache")
    put_id_into_label(pairs_of(spec)[0], 9, 2)
    os.utime(pairs_of(spec)[0].label, ns=(0, 0))

    assert before is None
    assert known is not None
    np.testing.assert_array_equal(known.pixels, scanned.pixels)
    assert known_presence(train, tmp_path / "cache") is None
