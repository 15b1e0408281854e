from __future__ import annotations

import numpy as np
import pytest

from core.data.ade20k_classes import ADE20K_CLASSES
from core.data.classes import VOC_CLASSES, ClassTable
from core.data.presence import ClassPresence
from core.streams.base import MAIN, KnownDataset
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.published_counts import ADE20K_OVERLAP, VOC_DISJOINT, VOC_OVERLAP, published_counts
from core.streams.schedules import ADE20K_SCHEDULES, VOC_SCHEDULES
from core.streams.selection import Setting

IMAGES_OF_CLASS = (
    586, 486, 698, 461, 654, 385, 1086, 1000, 1081, 264, 528, 1177, 444, 482, 3898, 487, 299, 491, 500, 548,
)  # fmt: skip
"""Images of train_aug that show class 1, 2, … 20."""


@pytest.mark.parametrize("name", VOC_OVERLAP)
def test_step_of_one_class_has_all_images_of_the_class(name: str) -> None:
    steps = VOC_SCHEDULES[name]

    single = {classes[0]: count for classes, count in zip(steps, VOC_OVERLAP[name], strict=True) if len(classes) == 1}

    assert single == {class_id: IMAGES_OF_CLASS[class_id - 1] for class_id in single}


@pytest.mark.parametrize("name", VOC_OVERLAP)
def test_disjoint_steps_have_no_image_more_and_the_last_step_has_the_same(name: str) -> None:
    overlap, disjoint = VOC_OVERLAP[name], VOC_DISJOINT[name]

    assert len(overlap) == len(disjoint) == len(VOC_SCHEDULES[name])
    assert all(few <= many for few, many in zip(disjoint, overlap, strict=True))
    assert disjoint[-1] == overlap[-1]
    assert sum(disjoint) <= 10582


@pytest.mark.parametrize("name", ADE20K_OVERLAP)
def test_each_step_of_ade20k_has_a_number(name: str) -> None:
    assert len(ADE20K_OVERLAP[name]) == len(ADE20K_SCHEDULES[name])


@pytest.mark.parametrize(
    ("classes", "schedule", "setting", "counts"),
    [
        (VOC_CLASSES, "15-5", "overlap", (9568, 2145)),
        (VOC_CLASSES, "15-5", "disjoint", (8437, 2145)),
        (VOC_CLASSES, "15-5", "sequential", (8437, 2145)),
        (VOC_CLASSES, "15-1_b", "overlap", None),
        (ADE20K_CLASSES, "ade20k/50-50", "overlap", (20177, 13186, 9390)),
        (ADE20K_CLASSES, "ade20k/50-50", "disjoint", None),
        (ClassTable({1: "a"}), "joint", "overlap", None),
    ],
)
def test_numbers_are_those_of_the_dataset_its_schedule_and_setting(
    classes: ClassTable, schedule: str, setting: Setting, counts: tuple[int, ...] | None
) -> None:
    stream = ClassIncrementalStream(schedule=schedule, setting=setting)

    assert published_counts(stream.steps, setting, classes) == counts


def test_incomplete_dataset_is_named_with_both_numbers() -> None:
    stream = ClassIncrementalStream(schedule="19-1")
    # Of the first step all images are there; of the second, 548 images with class 20, one is missing.
    shown = [1] * 10410 + [20] * 547
    pixels = np.zeros((len(shown), 256), np.int64)
    pixels[np.arange(len(shown)), shown] = 9

    known = {MAIN: KnownDataset(train_images=len(shown), presence=ClassPresence(pixels, VOC_CLASSES))}

    (fault,) = stream.image_warnings(known)
    assert (fault.pointer, fault.code) == ("/stream/steps/1", "images_differ_from_published")
    assert "has 547 training images, and 548 in the published lists" in fault.message
