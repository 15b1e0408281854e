import numpy as np
import pytest

from core.memory.geometry import bounding_box, measure_classes, without_specks

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


def test_a_small_blob_at_the_border_makes_its_class_near_although_the_large_one_is_not() -> None:
    labels = np.zeros((12, 12), np.uint8)
    labels[4:8, 4:8] = 1
    labels[6, 11] = 1

    geometry = measure_classes(labels, [1])

    assert geometry.boxes.tolist() == [[4, 4, 8, 8]]
    assert geometry.extents.tolist() == [[4, 4, 12, 8]]
    assert geometry.near_border(labels, 3).tolist() == [True]


def test_specks_are_ignored_and_all_else_stays() -> None:
    expected = LABELS.copy()
    expected[0, 1] = expected[1, 2] = expected[2, 1] = 255  # class 1: three blobs of one pixel
    expected[7, 7] = 255  # class 3: one of its blobs

    assert without_specks(LABELS, [1, 3], 2, 255).tolist() == expected.tolist()
    assert without_specks(LABELS, [1, 3], 0, 255) is LABELS
