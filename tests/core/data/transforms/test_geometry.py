"""Crop, flip and resize."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from core.data.transforms.geometry import (
    CropParams,
    centre_crop,
    crop_and_resize,
    crop_from_draws,
    draw_crop,
    resize_shorter_side,
)

CORNER = np.array([0.5, 0.25])


def draws(*pairs: tuple[float, float]) -> npt.NDArray[np.float64]:
    return np.array(pairs, dtype=np.float64)


def ramp(height: int, width: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """An image whose red channel, and a label map whose ids, are the column number."""
    label = np.broadcast_to(np.arange(width, dtype=np.uint8), (height, width)).copy()
    return np.stack([label] * 3, axis=-1), label


def test_box_of_half_the_area_is_placed_by_the_corner_draws() -> None:
    # sqrt(0.5 * 100 * 80) = 63.2, leaving 18 tops and 38 lefts.
    assert crop_from_draws(100, 80, draws((0.5, 0.0)), CORNER) == CropParams(top=9, left=9, height=63, width=63)


def test_first_attempt_that_fits_is_taken() -> None:
    attempts = draws((2.0, 0.0), (0.9, np.log(3 / 4)), (0.25, 0.0), (0.5, 0.0))

    assert crop_from_draws(100, 80, attempts, CORNER).width == round(np.sqrt(2000))


def test_sides_round_half_to_even() -> None:
    crop = crop_from_draws(5, 5, draws((0.25, 0.0)), CORNER)

    assert (crop.height, crop.width) == (2, 2)


def test_corner_draw_close_to_1_stays_inside() -> None:
    crop = crop_from_draws(10, 10, draws((0.25, 0.0)), np.array([1.0, 1.0]))

    assert (crop.top, crop.left) == (5, 5)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (200, 100, CropParams(0, 33, 100, 133)),
        (60, 100, CropParams(10, 0, 80, 60)),
        (100, 90, CropParams(0, 0, 90, 100)),
    ],
)
def test_largest_centred_box_within_the_ratio_limits_is_the_fallback(
    width: int, height: int, expected: CropParams
) -> None:
    assert crop_from_draws(width, height, draws((1.5, 0.0)), CORNER) == expected


def test_drawn_boxes_lie_inside_the_image_and_a_draw_costs_the_same_whatever_is_accepted() -> None:
    generator, counter = np.random.default_rng(3), np.random.default_rng(3)

    crops = [draw_crop(50, 37, generator) for _ in range(300)]
    counter.random(300 * 22)

    assert all(0 <= crop.top <= 37 - crop.height and 0 <= crop.left <= 50 - crop.width for crop in crops)
    assert generator.random() == counter.random()


def test_area_limits_bound_the_boxes() -> None:
    generator = np.random.default_rng(0)

    shares = [
        crop.width * crop.height / 1e6 for crop in (draw_crop(1000, 1000, generator, (0.2, 0.3)) for _ in range(99))
    ]

    assert 0.199 < min(shares) < max(shares) < 0.301


def test_box_of_the_result_size_is_cut_out_unchanged() -> None:
    image, label = ramp(8, 12)

    pixels, ids = crop_and_resize(image, label, CropParams(2, 3, 4, 4), 4)

    np.testing.assert_array_equal(ids[0], [3, 4, 5, 6])
    np.testing.assert_array_equal(pixels[..., 0], ids)


def test_pixels_beyond_the_box_have_no_influence() -> None:
    label = np.zeros((8, 8), dtype=np.uint8)
    image = np.full((8, 8, 3), 255, dtype=np.uint8)
    image[2:6, 2:6] = 10

    pixels, _ = crop_and_resize(image, label, CropParams(2, 2, 4, 4), 9)

    np.testing.assert_array_equal(pixels, 10)


def test_flip_mirrors_image_and_label_together() -> None:
    image, label = ramp(8, 12)

    pixels, ids = crop_and_resize(image, label, CropParams(2, 3, 4, 4, is_flipped=True), 4)

    np.testing.assert_array_equal(ids[0], [6, 5, 4, 3])
    np.testing.assert_array_equal(pixels[..., 0], ids)
    assert pixels.flags.c_contiguous
    assert ids.flags.c_contiguous


def test_label_ids_are_never_mixed_and_image_is_antialiased() -> None:
    label = np.tile(np.array([[0, 200]], dtype=np.uint8), (16, 8))
    image = np.stack([label] * 3, axis=-1)

    pixels, ids = crop_and_resize(image, label, CropParams(0, 0, 16, 16), 4)

    assert set(ids.ravel().tolist()) <= {0, 200}
    np.testing.assert_allclose(pixels, 100, atol=15)


def test_shorter_side_is_resized_and_the_longer_keeps_the_proportion_rounded_down() -> None:
    image, label = ramp(20, 33)

    pixels, ids = resize_shorter_side(image, label, 10)

    assert (pixels.shape, ids.shape) == ((10, 16, 3), (10, 16))


def test_centre_crop_takes_the_middle() -> None:
    image, label = ramp(4, 10)

    pixels, ids = centre_crop(image, label, 4)

    np.testing.assert_array_equal(ids[0], [3, 4, 5, 6])
    assert pixels.shape == (4, 4, 3)
