from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as PILImage
from scipy import ndimage

from core.acquisition import superpixels as module
from core.acquisition.catalog import SuperpixelSize
from core.acquisition.superpixels import superpixel_png, superpixels
from core.data.samples import Image


def picture(height: int = 90, width: int = 160) -> Image:
    """Return noise over two halves, of which the right one is blue."""
    drawn = np.random.default_rng(3).integers(0, 8, (height, width, 3)).astype(np.uint8)
    drawn[:, width // 2 :, 2] += 240
    return drawn


def test_three_sizes_each_coarser_than_the_one_before() -> None:
    found = superpixels(picture())

    assert list(found) == list(SuperpixelSize)
    counts = [len(np.unique(numbers)) for numbers in found.values()]
    assert counts[0] > 2 * counts[1] > 4 * counts[2] > 40
    for numbers in found.values():
        assert (numbers.shape, numbers.dtype) == ((90, 160), np.dtype(np.uint16))


def test_every_piece_is_connected_and_ends_where_the_colour_changes() -> None:
    for numbers in superpixels(picture()).values():
        for number in np.unique(numbers):
            assert ndimage.label(numbers == number)[1] == 1
        on_both_sides = np.intersect1d(numbers[:, :80], numbers[:, 80:])
        assert np.isin(numbers, on_both_sides).mean() < 0.01


def test_the_same_image_gives_the_same_bytes() -> None:
    first, second = (superpixels(picture()) for _ in range(2))

    assert [superpixel_png(one) for one in first.values()] == [superpixel_png(one) for one in second.values()]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (6, 8)])
def test_an_image_however_small_has_superpixels(shape: tuple[int, int]) -> None:
    for numbers in superpixels(picture(*shape)).values():
        assert numbers.shape == shape


def test_a_large_image_is_cut_at_a_lower_resolution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_COMPUTED_PX", 3600)

    for numbers in superpixels(picture()).values():
        assert numbers.shape == (90, 160)
        assert len(np.unique(numbers)) > 10


def test_numbers_beyond_one_byte_are_read_back() -> None:
    numbers = np.arange(600, dtype=np.uint16).reshape(20, 30) * 100

    read = PILImage.open(io.BytesIO(superpixel_png(numbers)))

    assert read.mode == "I;16"
    assert np.array_equal(np.asarray(read), numbers)
