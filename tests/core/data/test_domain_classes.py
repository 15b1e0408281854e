from __future__ import annotations

import pytest

from core.data.classes import CITYSCAPES_NAMES
from core.data.domain_classes import (
    CONSTRUCTION,
    FLAT,
    NATURE,
    SEVEN_CLASSES,
    STREET_IDS,
    VEHICLE,
    ClassCount,
    StreetDataset,
)


@pytest.mark.parametrize("key", STREET_IDS)
def test_every_class_is_shown_by_every_data_set(key: tuple[StreetDataset, ClassCount]) -> None:
    assert set(STREET_IDS[key].values()) == set(range(key[1]))


def test_published_tables_disagree_on_terrain_caravans_and_trailers() -> None:
    cityscapes, gta5 = STREET_IDS["cityscapes", 7], STREET_IDS["gta5", 7]

    assert (cityscapes[22], gta5[22], STREET_IDS["mapillary", 7][29]) == (NATURE, FLAT, FLAT)
    assert (cityscapes[29], cityscapes[30]) == (VEHICLE, VEHICLE)
    assert not {29, 30} & set(gta5)


def test_classes_that_only_seven_know_are_ignored_among_nineteen() -> None:
    curb, autorickshaw = 19, 11

    assert STREET_IDS["idd", 7][curb] == CONSTRUCTION
    assert STREET_IDS["idd", 7][autorickshaw] == VEHICLE
    assert not {curb, autorickshaw} & set(STREET_IDS["idd", 19])
    assert STREET_IDS["idd", 19][5] == CITYSCAPES_NAMES.index("terrain")


def test_seven_classes_have_names_and_the_published_colours() -> None:
    assert list(SEVEN_CLASSES.names.values()) == [
        "flat", "construction", "object", "nature", "sky", "human", "vehicle",
    ]  # fmt: skip
    assert SEVEN_CLASSES.colour(4) == (0, 130, 180)
