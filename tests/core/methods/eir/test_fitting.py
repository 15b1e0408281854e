import numpy as np
import pytest

from core.methods.eir.fitting import fit_instance, nearest_sources


def mask_of(rows: slice, columns: slice, side_px: int = 20) -> np.ndarray:
    """Return a square mask with one rectangle."""
    mask = np.zeros((side_px, side_px), np.bool_)
    mask[rows, columns] = True
    return mask


def test_nearest_takes_the_floor_of_the_unscaled_position() -> None:
    assert nearest_sources(5, 0.5).tolist() == [0, 2]
    assert nearest_sources(3, 2.5).tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert nearest_sources(4, 0.2).tolist() == []


def test_nearest_is_the_identity_when_the_side_stays() -> None:
    assert nearest_sources(10, 12 / 11).tolist() == list(range(10))


def test_wide_instance_is_fitted_by_its_width() -> None:
    fit = fit_instance(mask_of(slice(4, 6), slice(3, 11)), cell_px=18)

    assert fit.box == (3, 4, 11, 6)
    assert fit.mask.shape == (4, 16)
    assert fit.rows.tolist() == [0, 0, 1, 1]
    assert fit.columns.tolist() == [column for column in range(8) for _ in range(2)]


def test_large_instance_is_shrunk_below_the_cell() -> None:
    fit = fit_instance(mask_of(slice(0, 20), slice(0, 10)), cell_px=7)

    assert fit.mask.shape == (6, 3)
    assert fit.rows.tolist() == [0, 3, 6, 9, 12, 15]
    assert fit.columns.tolist() == [0, 3, 6]


def test_holes_of_the_instance_stay_holes() -> None:
    mask = mask_of(slice(2, 6), slice(2, 6))
    mask[3, 3] = False

    fit = fit_instance(mask, cell_px=10)

    assert fit.mask.shape == (8, 8)
    assert not fit.mask[2:4, 2:4].any()
    assert fit.mask.sum() == 64 - 4


@pytest.mark.parametrize(
    ("rows", "columns"),
    [(slice(3, 4), slice(2, 9)), (slice(2, 9), slice(3, 4)), (slice(0, 0), slice(0, 0)), (slice(5, 6), slice(5, 6))],
)
def test_empty_and_one_pixel_thin_instances_cannot_be_pasted(rows: slice, columns: slice) -> None:
    assert fit_instance(mask_of(rows, columns), cell_px=8) is None


def test_instance_that_scaling_makes_vanish_cannot_be_pasted() -> None:
    assert fit_instance(mask_of(slice(4, 6), slice(0, 20)), cell_px=5) is None
