from __future__ import annotations

import numpy as np
import pytest

from core.data.distinct_colours import COUNT, distinct_colour, lab

CLEARLY_UNLIKE = 25.0  # of CIELAB: several times what a trained eye tells apart side by side


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((255, 255, 255), (100, 0, 0)), ((0, 0, 0), (0, 0, 0)), ((255, 0, 0), (53.24, 80.09, 67.20))],
)
def test_lab_is_that_of_the_standard(colour: tuple[int, int, int], expected: tuple[float, float, float]) -> None:
    assert lab([colour])[0] == pytest.approx(expected, abs=0.05)


def test_twenty_classes_black_white_and_grey_are_clearly_unlike() -> None:
    colours = [distinct_colour(index) for index in range(20)] + [(0, 0, 0), (255, 255, 255), (128, 128, 128)]
    places = lab(colours)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)[np.triu_indices(len(places), 1)]
    assert distances.min() > CLEARLY_UNLIKE


def test_no_two_of_all_colours_are_the_same() -> None:
    assert len({distinct_colour(index) for index in range(COUNT)}) == COUNT
