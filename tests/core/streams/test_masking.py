"""Label tables: what a step shows, and in which channel."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.streams.masking import (
    LabelUse,
    channel_table,
    kept_ids,
    masking_table,
    masking_value,
    network_table,
    raw_table,
)
from core.streams.selection import Setting
from core.streams.step import Step

VOC_LIKE = ClassTable(dict.fromkeys(range(1, 7), "class"))
CAMVID_LIKE = ClassTable(dict.fromkeys(range(11), "class"), ignore_id=11, background_id=None)
ORDER = (5, 2, 6, 1)
STEP = Step(1, old_classes=(5, 2), new_classes=(6,))


@pytest.mark.parametrize(
    ("use", "setting", "kept"),
    [
        (LabelUse.TRAIN, "overlap", {0, 6, 255}),
        (LabelUse.TRAIN, "disjoint", {0, 6, 255}),
        (LabelUse.TRAIN, "sequential", {0, 2, 5, 6, 255}),
        (LabelUse.VALIDATION, "overlap", {0, 6, 255}),
        (LabelUse.TEST, "overlap", {0, 2, 5, 6, 255}),
        (LabelUse.TRUE_BACKGROUND, "overlap", {0, 2, 5, 6, 255}),
    ],
)
def test_each_use_keeps_the_ids_of_the_protocol(use: LabelUse, setting: Setting, kept: set[int]) -> None:
    assert kept_ids(STEP, use, setting, VOC_LIKE) == kept


def test_masking_value_none_leaves_labels_untouched() -> None:
    np.testing.assert_array_equal(masking_table({0, 1}, None), np.arange(256))


def test_channels_follow_the_learning_order_and_not_the_raw_ids() -> None:
    table = channel_table(ORDER, VOC_LIKE)

    assert table[[0, 5, 2, 6, 1, 255]].tolist() == [0, 1, 2, 3, 4, 255]
    assert table[[3, 4, 200]].tolist() == [0, 0, 0]


def test_raw_id_0_without_background_gets_a_channel_of_its_own() -> None:
    table = channel_table(tuple(range(11)), CAMVID_LIKE)

    assert table[:11].tolist() == list(range(1, 12))
    assert table[11] == 255


def test_hidden_raw_id_0_without_background_becomes_background_and_ignored_pixels_stay_ignored() -> None:
    step = Step(1, old_classes=(0, 1), new_classes=(2,))
    channels = channel_table((0, 1, 2, 3), CAMVID_LIKE)

    table = network_table(channels, kept_ids(step, LabelUse.TRAIN, "overlap", CAMVID_LIKE))

    assert table[[0, 1, 2, 3, 11]].tolist() == [0, 0, 3, 0, 255]


@pytest.mark.parametrize(
    ("masking_value", "expected"), [(0, [1, 2, 3, 0]), (255, [1, 2, 3, 255]), (None, [1, 2, 3, 4])]
)
def test_future_classes_take_the_masking_value(masking_value: int | None, expected: list[int]) -> None:
    kept = kept_ids(STEP, LabelUse.TEST, "overlap", VOC_LIKE)

    table = network_table(channel_table(ORDER, VOC_LIKE), kept, masking_value)

    assert table[list(ORDER)].tolist() == expected


def test_raw_table_undoes_the_channel_map() -> None:
    channels, raw = channel_table(ORDER, VOC_LIKE), raw_table(ORDER, VOC_LIKE)

    ids = np.array([0, 5, 2, 6, 1, 255])

    np.testing.assert_array_equal(raw[channels[ids]], ids)


def test_background_channel_has_no_raw_id_where_the_dataset_has_no_background() -> None:
    raw = raw_table((0, 1), CAMVID_LIKE)

    assert raw[[0, 1, 2, 255]].tolist() == [11, 0, 1, 11]


@pytest.mark.parametrize(
    ("unseen", "use", "expected"),
    [
        ("ignored", LabelUse.TEST, 255),
        ("ignored", LabelUse.VALIDATION, 255),
        ("ignored", LabelUse.TRAIN, 0),
        ("background", LabelUse.TEST, 0),
    ],
)
def test_hidden_classes_are_ignored_in_tests_where_the_protocol_says_so(
    unseen: Literal["background", "ignored"], use: LabelUse, expected: int
) -> None:
    assert masking_value(use, ClassTable({1: "a"}, unseen_in_tests=unseen)) == expected
