"""What the labels of a split show together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.data.presence import PixelCounts
from core.data.split_doubts import absence_notice, absent_classes, binary_mask_fault

CLASSES = ClassTable({1: "cat", 2: "dog", 3: "unused"})


def counts(*labels: dict[int, int]) -> PixelCounts:
    pixels = np.zeros((len(labels), 256), np.uint32)
    for row, held in enumerate(labels):
        pixels[row, list(held)] = list(held.values())
    return pixels


def test_classes_without_a_pixel_in_any_image_are_absent_but_for_unused_ids() -> None:
    assert absent_classes(counts({0: 9, 1: 1}, {0: 9}), CLASSES) == [2]
    assert absent_classes(counts({0: 9, 1: 1}), CLASSES, wanted=(3, 2, 1)) == [2, 3]
    assert absence_notice(Path("root"), "val", counts({1: 1}, {2: 1}), CLASSES) is None


def test_of_many_absent_classes_the_first_twenty_are_named() -> None:
    notice = absence_notice(Path("root"), "val", counts({0: 1}), ClassTable({raw: f"c{raw}" for raw in range(1, 31)}))

    assert "30 of 30 classes have no pixel: 1 'c1', " in str(notice)
    assert ", 20 'c20' and 10 more; " in str(notice)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([{0: 5, 255: 5}, {0: 5, 1: 5}], CLASSES),
        ([{0: 10}], CLASSES),
        ([{0: 5, 255: 5}], ClassTable({1: "cat"}, ignore_id=11)),
        ([{0: 5, 255: 5}], ClassTable({0: "road"}, background_id=None)),
    ],
)
def test_labels_that_show_a_class_or_do_not_ignore_255_are_no_0_255_masks(
    labels: list[dict[int, int]], classes: ClassTable
) -> None:
    assert binary_mask_fault(Path("root"), "train", counts(*labels), classes) is None


def test_a_mask_whose_background_is_a_class_is_told_too() -> None:
    classes = ClassTable({0: "skin", 1: "polyp"}, background_id=None)

    assert "such as 1 for 'polyp'" in str(binary_mask_fault(Path("r"), "train", counts({0: 5, 255: 5}), classes))
