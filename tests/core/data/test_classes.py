"""Class tables and palettes."""

from __future__ import annotations

import pytest

from core.data.classes import (
    CITYSCAPES_CATEGORIES,
    CITYSCAPES_NAMES,
    OBJECT_NAMES,
    VOC_CLASSES,
    ClassTable,
    object_classes,
    voc_colour,
)
from core.data.distinct_colours import distinct_colour


@pytest.mark.parametrize(
    ("index", "colour"),
    [(0, (0, 0, 0)), (1, (128, 0, 0)), (6, (0, 128, 128)), (8, (64, 0, 0)), (20, (0, 64, 128)), (255, (224, 224, 192))],
)
def test_voc_colour_is_the_published_one(index: int, colour: tuple[int, int, int]) -> None:
    assert voc_colour(index) == colour


def test_voc_has_twenty_classes_from_1_to_20() -> None:
    assert (VOC_CLASSES.names[1], VOC_CLASSES.names[20], len(VOC_CLASSES.names)) == ("aeroplane", "tvmonitor", 20)


def test_a_class_has_a_colour_of_its_own_and_only_the_background_is_black() -> None:
    with_background, without = ClassTable({1: "ball"}), ClassTable({0: "sky"}, background_id=None)
    assert [with_background.colour(raw_id) for raw_id in (0, 1)] == [(0, 0, 0), distinct_colour(0)]
    assert without.colour(0) == distinct_colour(0)
    assert VOC_CLASSES.colour(1) == voc_colour(1)


def test_object_classes_are_the_first_names_with_ids_from_1() -> None:
    assert object_classes(2).names == {1: "ball", 2: "crate"}
    assert len(set(OBJECT_NAMES)) == 20


def test_every_class_of_cityscapes_is_in_one_category() -> None:
    members = {name: [CITYSCAPES_NAMES[train_id] for train_id in ids] for name, ids in CITYSCAPES_CATEGORIES.items()}

    assert sorted(train_id for ids in CITYSCAPES_CATEGORIES.values() for train_id in ids) == list(range(19))
    assert members == {
        "flat": ["road", "sidewalk"],
        "construction": ["building", "wall", "fence"],
        "object": ["pole", "traffic light", "traffic sign"],
        "nature": ["vegetation", "terrain"],
        "sky": ["sky"],
        "human": ["person", "rider"],
        "vehicle": ["car", "truck", "bus", "train", "motorcycle", "bicycle"],
    }
