"""One image and its label, read once."""

from __future__ import annotations

import os
from pathlib import Path

from core.data.classes import ClassTable
from core.data.decoding import read_label
from core.data.faults import FaultKind
from core.data.pair_check import check_pair
from core.data.samples import SampleKind
from core.data.truths import VIEWS
from tests.support.datasets import SIZE_PX, pairs_of, put_id_into_label, write_folder_dataset

DENSE = VIEWS[SampleKind.DENSE]
CLASSES = ClassTable({raw_id: f"class {raw_id}" for raw_id in range(7)}, background_id=None)


def test_a_sound_pair_is_counted_and_measured(tmp_path: Path) -> None:
    pair = pairs_of(write_folder_dataset(tmp_path))[0]

    check = check_pair(pair, CLASSES, read_label, DENSE, tmp_path)

    assert (check.faults, list(check.notices()), check.size) == ([], [], (SIZE_PX, SIZE_PX))
    assert check.counts is not None
    assert int(check.counts.sum()) == SIZE_PX**2
    assert check.image_file is not None
    assert check.image_file.size == pair.image.stat().st_size


def test_a_pair_without_a_usable_label_is_measured_all_the_same(tmp_path: Path) -> None:
    pair = pairs_of(write_folder_dataset(tmp_path))[0]
    pair.label.unlink()
    os.mkfifo(pair.label)

    check = check_pair(pair, CLASSES, read_label, DENSE, tmp_path)

    assert [fault.kind for fault in check.faults] == [FaultKind.NOT_A_FILE]
    assert (check.size, check.counts, check.label_file) == ((SIZE_PX, SIZE_PX), None, None)


def test_ids_outside_the_class_list_are_faults_only_where_the_list_is_known(tmp_path: Path) -> None:
    pair = pairs_of(write_folder_dataset(tmp_path))[0]
    put_id_into_label(pair, 77)

    known, unknown = (check_pair(pair, classes, read_label, DENSE, tmp_path) for classes in (CLASSES, None))

    assert [fault.kind for fault in known.faults] == [FaultKind.UNKNOWN_ID]
    assert unknown.faults == []
