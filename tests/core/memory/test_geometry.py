import numpy as np
import pytest

from core.memory.geometry import bounding_box, measure_classes

LABELS = np.array(
    [
        [0, 1, 0, 0, 0, 0, 2, 2],
        [0, 0, 1, 0, 0, 0, 2, 0],
        [0, 1, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 3, 3, 0, 0, 0],
        [0, 0, 0, 3, 3, 0, 255, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 3],
    ],
    np.uint8,
)


def test_diagonal_contact_does_not_connect() -> None:
    geometry = measure_classes(LABELS, [1, 2, 3])

    assert geometry.components.tolist() == [3, 1, 2]
    assert geometry.areas.tolist() == [3, 3, 5]


def test_box_is_that_of_the_largest_component_and_the_first_of_equal_ones() -> None:
    geometry = measure_classes(LABELS, [1, 2, 3])

    assert geometry.boxes.tolist() == [[1, 0, 2, 1], [6, 0, 8, 2], [3, 3, 5, 5]]


def test_absent_class_has_no_component_no_area_and_no_box() -> None:
    geometry = measure_classes(LABELS, [7, 2])

    assert geometry.components.tolist() == [0, 1]
    assert geometry.areas.tolist() == [0, 3]
    assert geometry.boxes.tolist() == [[-1, -1, -1, -1], [6, 0, 8, 2]]
    assert geometry.near_border(LABELS, 8).tolist() == [False, True]


def test_class_zero_is_measured_like_any_other() -> None:
    labels = np.array([[0, 5], [5, 0]], np.uint8)

    assert measure_classes(labels, [0, 5]).components.tolist() == [2, 2]


@pytest.mark.parametrize(("margin_px", "expected"), [(3, False), (4, True)])
def test_box_three_pixels_from_each_border_is_near_only_for_a_wider_margin(margin_px: int, expected: bool) -> None:
    labels = np.zeros((8, 8), np.uint8)
    labels[3:5, 3:5] = 1

    assert measure_classes(labels, [1]).near_border(labels, margin_px).tolist() == [expected]


def test_bounding_box_excludes_its_far_corner_and_is_none_for_an_empty_mask() -> None:
    assert bounding_box(LABELS == 2) == (6, 0, 8, 2)
    assert bounding_box(LABELS == 9) is None
