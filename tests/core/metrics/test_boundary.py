"""IoU of masks and of their boundaries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from core.metrics.boundary import boundary, boundary_iou, boundary_width, erode, mask_iou


@pytest.mark.parametrize(("height", "width", "margin"), [(9, 13, 1), (40, 31, 3), (1, 50, 2), (64, 64, 29), (8, 8, 0)])
def test_erosion_is_that_of_the_image_library(height: int, width: int, margin: int) -> None:
    mask = np.random.default_rng(0).random((height, width)) < 0.97
    square = np.ones((2 * margin + 1,) * 2, bool)

    assert np.array_equal(erode(mask, margin), binary_erosion(mask, square, border_value=0))


def test_the_boundary_is_two_percent_of_the_diagonal_wide() -> None:
    assert [boundary_width(*size) for size in ((3, 4), (300, 400), (1024, 1024))] == [1, 10, 29]
    full = boundary(np.ones((30, 40), bool))
    assert full[0].all()
    assert not full[1:-1, 1:-1].any()


def test_scores_of_empty_masks_are_undefined() -> None:
    empty, full = np.zeros((5, 5), bool), np.ones((5, 5), bool)

    assert mask_iou(empty, empty) is None
    assert boundary_iou(empty, empty) is None
    assert mask_iou(empty, full) == boundary_iou(full, empty) == 0


def test_an_image_of_one_row_has_scores() -> None:
    truth = np.array([[True, True, False, False]])

    assert mask_iou(truth, ~truth) == 0
    assert boundary_iou(truth, np.ones((1, 4), bool)) == 0.5
