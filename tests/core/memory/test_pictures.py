import io

import numpy as np
from PIL import Image as PillowImage

from core.memory.pictures import reduced_jpeg


def test_large_picture_is_shrunk_to_512_px_and_keeps_its_shape() -> None:
    pixels = np.full((600, 2048, 3), (200, 100, 50), np.uint8)

    picture = PillowImage.open(io.BytesIO(reduced_jpeg(pixels)))

    assert (picture.format, picture.size) == ("JPEG", (512, 150))
    assert np.abs(np.asarray(picture).astype(int) - (200, 100, 50)).max() <= 3


def test_small_picture_keeps_its_size_and_the_same_pixels_give_the_same_bytes() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)

    assert PillowImage.open(io.BytesIO(reduced_jpeg(pixels))).size == (24, 20)
    assert reduced_jpeg(pixels) == reduced_jpeg(pixels[::-1][::-1])
