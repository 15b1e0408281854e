from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from core.data.exchange.faults import ExchangeFault
from core.data.exchange.masks import Segment, area_and_box, decode_segmentation, encode_rle


def ring() -> np.ndarray:
    """Return a ring with an island in its hole, and a pixel in a corner."""
    mask = np.zeros((9, 11), np.bool_)
    mask[1:8, 2:9] = True
    mask[2:7, 3:8] = False
    mask[4, 5] = True
    mask[8, 10] = True
    return mask


def _fault(segmentation: Any, size: tuple[int, int] = (11, 9)) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as fault:
        decode_segmentation(segmentation, size)
    return fault.value


def mask_of(segmentation: Any, size: tuple[int, int] = (11, 9)) -> np.ndarray:
    mask = decode_segmentation(segmentation, size).mask
    assert mask is not None
    return mask


def test_holes_and_islands_survive_run_lengths() -> None:
    rle = encode_rle(ring())

    assert rle["size"] == [9, 11]
    assert np.array_equal(mask_of(rle), ring())
    assert area_and_box(rle) == (7 * 7 - 5 * 5 + 1 + 1, [2.0, 1.0, 9.0, 8.0])


@pytest.mark.parametrize("density", [0.0, 0.001, 0.1, 0.5, 1.0])
def test_run_lengths_are_read_as_the_reference_reads_them(density: float) -> None:
    mask = np.random.default_rng(3).random((123, 257)) < density
    rle = encode_rle(mask)

    decoded = mask_of(rle, (257, 123))

    assert np.array_equal(decoded, coco_mask.decode(rle).astype(np.bool_))
    assert np.array_equal(decoded, mask)


def test_run_lengths_may_be_a_plain_list() -> None:
    # Down the first column one zero and two ones, then zeros.
    decoded = mask_of({"size": [3, 2], "counts": [1, 2, 3]}, (2, 3))

    assert decoded.tolist() == [[False, False], [True, False], [True, False]]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([1, 2], "cover 3 pixels; the image has 6"),
        ([7, -1], "neither a text nor a list"),
        ([True, 5], "neither a text nor a list"),
        ("", "no run lengths"),
        ("o", "no run lengths"),
        ("Ä", "no run lengths"),
        ("\ud800", "no run lengths"),
        ("oooooooooo1", "no picture has pixels for"),
        (None, "neither a text nor a list"),
    ],
)
def test_run_lengths_that_do_not_fit_are_refused_before_a_mask_is_made(counts: Any, words: str) -> None:
    fault = _fault({"size": [3, 2], "counts": counts}, (2, 3))

    assert fault.code == "bad_rle"
    assert words in fault.message


def test_run_lengths_whose_sum_comes_round_to_the_image_are_refused() -> None:
    """Grown by differences they add up to 2**64 + 48, which 64 bits hold as 48."""
    steps, wanted = 46_400, 2**64 + 48
    step, first = divmod(wanted, steps * (steps + 1) // 2)
    counts = compressed([first, *([step, 0] * steps)[:-1]])

    fault = _fault({"size": [6, 8], "counts": counts}, (8, 6))

    assert (fault.code, "over the image's 48 pixels" in fault.message) == ("bad_rle", True)


def compressed(numbers: list[int]) -> str:
    """Return numbers in COCO's text: 5 bits a character, lowest first, the last one signed."""
    characters = []
    for number in numbers:
        rest, is_last = number, False
        while not is_last:
            bits, rest = rest & 0x1F, rest >> 5
            is_last = rest == (-1 if bits & 0x10 else 0)
            characters.append(chr(48 + bits + (0 if is_last else 0x20)))
    return "".join(characters)


def test_the_size_is_compared_first() -> None:
    fault = _fault({"size": [10**6, 10**6], "counts": [10**12]})

    assert fault.code == "size_mismatch"
    assert "the image is 11x9" in fault.message


def test_a_polygon_along_the_pixels_covers_them_exactly() -> None:
    decoded = mask_of([[1, 1, 5, 1, 5, 4, 1, 4], [8.0, 6, 10, 6, 10, 8, 8, 8]], (11, 9))

    expected = np.zeros((9, 11), np.bool_)
    expected[1:4, 1:5] = True
    expected[6:8, 8:10] = True
    assert np.array_equal(decoded, expected)


def test_a_polygon_differs_from_its_shape_by_a_pixel_at_its_edge_at_most() -> None:
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    outline = np.stack([50 + 30.3 * np.cos(angles), 40 + 30.3 * np.sin(angles)], axis=1)

    decoded = mask_of([outline.ravel().tolist()], (100, 80))

    rows, columns = np.mgrid[:80, :100] + 0.5
    distance = np.hypot(columns - 50, rows - 40) - 30.3
    differs = decoded != (distance < 0)
    assert np.abs(distance[differs]).max() <= 1.0


@pytest.mark.parametrize(
    ("polygons", "code"),
    [
        ([[1, 1, 5, 1, 5, 4, 1]], "bad_polygon"),
        ([[1, 1, 5, 1, 5, 40]], "outside_image"),
        ([3], "bad_polygon"),
        ([[1, 1, 5, 1, 5, 4], 3], "bad_polygon"),
        ("polygon", "bad_segmentation"),
        (5, "bad_segmentation"),
    ],
)
def test_polygons_that_are_none_are_refused(polygons: Any, code: str) -> None:
    assert _fault(polygons).code == code


def test_one_polygon_may_stand_without_the_list_around_it() -> None:
    square = [1, 1, 5, 1, 5, 4, 1, 4]

    assert np.array_equal(mask_of(square), mask_of([square]))


def test_pieces_of_two_vertices_are_left_out_and_counted() -> None:
    square = [1, 1, 5, 1, 5, 4, 1, 4]

    segment = decode_segmentation([square, [1, 1, 2, 2], [3, 3]], (11, 9))

    assert (segment.dropped, segment.is_clipped) == (2, False)
    assert segment.mask is not None
    assert np.array_equal(segment.mask, mask_of([square]))


@pytest.mark.parametrize(("segmentation", "dropped"), [([], 0), (None, 0), ([[]], 1), ([[1, 1, 5, 1]], 1)])
def test_a_segmentation_may_enclose_nothing(segmentation: Any, dropped: int) -> None:
    assert decode_segmentation(segmentation, (11, 9)) == Segment(None, dropped)


def test_what_is_a_little_outside_is_cut_at_the_border() -> None:
    segment = decode_segmentation([[-3, 1, 5, 1, 5, 4, -3, 4]], (11, 9))

    assert segment.is_clipped
    assert segment.mask is not None
    assert np.array_equal(segment.mask, mask_of([[0, 1, 5, 1, 5, 4, 0, 4]]))
