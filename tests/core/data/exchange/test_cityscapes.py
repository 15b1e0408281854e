from __future__ import annotations

import numpy as np

from core.data.classes import CITYSCAPES_CLASSES, SYNTHIA_CLASSES, ClassTable
from core.data.exchange.cityscapes import FILE_NAME, is_cityscapes, label_ids, raw_ids, train_ids

OTHERS = ClassTable({3: "road", 7: "sky"}, background_id=None)
LABELS = np.array([[0, 18, 13, 255]], np.uint8)
"""Road, bicycle, car and ignored."""


def test_cityscapes_classes_are_known_by_id_and_name() -> None:
    assert is_cityscapes(CITYSCAPES_CLASSES)
    assert is_cityscapes(SYNTHIA_CLASSES)
    assert not is_cityscapes(OTHERS)


def test_train_ids_become_the_ids_of_cityscapes_and_come_back() -> None:
    stored = label_ids(LABELS, CITYSCAPES_CLASSES)

    assert stored.tolist() == [[7, 33, 26, 0]]
    assert raw_ids(stored, "labelIds", CITYSCAPES_CLASSES).tolist() == LABELS.tolist()
    assert train_ids(LABELS, CITYSCAPES_CLASSES).tolist() == LABELS.tolist()
    assert raw_ids(LABELS, "labelTrainIds", CITYSCAPES_CLASSES).tolist() == LABELS.tolist()


def test_an_ignore_id_of_its_own_is_255_in_files_of_train_ids() -> None:
    classes = ClassTable(CITYSCAPES_CLASSES.names, ignore_id=20, background_id=None)
    labels = np.array([[0, 20]], np.uint8)

    assert label_ids(labels, classes).tolist() == [[7, 0]]
    assert train_ids(labels, classes).tolist() == [[0, 255]]
    assert raw_ids(np.array([[0, 255]], np.uint8), "labelTrainIds", classes).tolist() == [[0, 20]]
    assert raw_ids(np.array([[7, 0]], np.uint8), "labelIds", classes).tolist() == [[0, 20]]


def test_an_undefined_id_stays_so_that_a_check_finds_it() -> None:
    assert raw_ids(np.array([[200]], np.uint8), "labelIds", CITYSCAPES_CLASSES).tolist() == [[200]]


def test_other_classes_keep_their_raw_ids() -> None:
    labels = np.array([[3, 7, 255]], np.uint8)

    for there in (label_ids, train_ids):
        assert there(labels, OTHERS).tolist() == labels.tolist()
    assert raw_ids(labels, "labelIds", OTHERS).tolist() == labels.tolist()


def test_file_names_tell_image_and_kind() -> None:
    match = FILE_NAME.fullmatch("gtFine/train/ulm/ulm_1_gtFine_labelIds.png")

    assert match is not None
    assert (match["stem"], match["kind"]) == ("gtFine/train/ulm/ulm_1", "labelIds")
    assert FILE_NAME.fullmatch("ulm_1_gtFine_instanceIds.png") is None
