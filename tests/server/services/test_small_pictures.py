"""Small copies: their size, and that they tell the truth about labels and masks."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from server.services.small_pictures import cached, draw_ids, draw_mask, draw_picture, draw_shades

NOISE = np.random.default_rng(0).integers(0, 255, (512, 1024), dtype=np.uint8)


def read(data: bytes) -> np.ndarray:
    return np.asarray(PILImage.open(io.BytesIO(data)))


def test_the_longer_side_of_a_thumbnail_has_256_pixels() -> None:
    assert read(draw_picture(np.dstack([NOISE] * 3), "thumbnail")).shape == (128, 256, 3)
    assert read(draw_picture(np.dstack([NOISE] * 3), "full")).shape == (512, 1024, 3)
    for draw in (draw_ids, draw_shades, draw_mask):
        assert read(draw(NOISE, "thumbnail")).shape == (128, 256)
    assert read(draw_ids(np.zeros((1, 3000), np.uint8), "thumbnail")).shape == (1, 256)


def test_no_id_is_made_up() -> None:
    ids = np.where(NOISE > 127, 255, 3).astype(np.uint8)
    assert set(np.unique(read(draw_ids(ids, "thumbnail")))) == {3, 255}


def test_shades_are_means() -> None:
    assert abs(float(read(draw_shades(NOISE, "thumbnail")).mean()) - float(NOISE.mean())) < 1


def test_a_single_pixel_that_is_asked_for_is_seen_in_a_small_copy() -> None:
    mask = np.zeros((1024, 2048), np.uint8)
    mask[500, 1001] = 255

    small = read(draw_mask(mask, "thumbnail"))

    assert np.argwhere(small).tolist() == [[62, 125]]
    assert small.max() == 255


def test_a_copy_is_drawn_once_and_named_by_its_source(tmp_path: Path) -> None:
    drawn: list[str] = []

    def draw() -> bytes:
        drawn.append("drawn")
        return b"picture"

    first, second = (cached(tmp_path, "ab" * 32, "picture-thumbnail.webp", "image/webp", draw) for _ in range(2))

    assert drawn == ["drawn"]
    assert first == second
    assert first.path.read_bytes() == b"picture"
    assert first.tag == f"{'ab' * 32}-picture-thumbnail.webp"
