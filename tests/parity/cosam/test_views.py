"""Views of an image for training and for tests (CoSAM 3.3 and 3.4)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from core.data.transforms.large_scale_jitter import View, encoder_input, flipped, jittered, resized, to_bytes
from core.models.sam.prompts import mask_boxes
from tests.support.parity import assert_close, load_case


class Recorded:
    """Draws of a recording."""

    def __init__(self, scale: float, offsets: list[int]) -> None:
        self._scale, self._offsets = scale, iter(offsets)

    def uniform(self) -> float:
        return self._scale

    def integer(self, end: int) -> int:
        offset = next(self._offsets)
        assert offset < end
        return offset


def views(case: dict[str, np.ndarray]) -> Iterator[tuple[int, View]]:
    for index in range(sum(name.startswith("image_") for name in case)):
        yield index, View(torch.from_numpy(case[f"image_{index}"]), torch.from_numpy(case[f"label_{index}"]))


def test_jittered_views_are_the_recorded_ones() -> None:
    case = load_case("cosam", "jitter")
    for index, view in views(case):
        found = jittered(
            view, int(case["output_size"]), Recorded(float(case[f"u_{index}"]), case[f"offset_{index}"].tolist())
        )

        assert_close(found.image, case[f"out_image_{index}"], 1e-3)
        assert_close(found.mask, case[f"out_label_{index}"], 1e-3)


def test_a_draw_of_a_half_mirrors() -> None:
    case = load_case("cosam", "jitter")
    view = [view for _, view in views(case) if view.image.shape == case["flip_image_u50"].shape][-1]

    assert_close(flipped(view, 0.5).image, case["flip_image_u50"], 1e-3)
    assert_close(flipped(view, 0.5).mask, case["flip_label_u50"], 1e-3)
    assert_close(flipped(view, 0.4999).image, case["flip_image_u4999"], 1e-3)


def test_views_of_tests_are_the_recorded_ones() -> None:
    case = load_case("cosam", "val_preprocess")
    size = int(case["size"])
    for index, view in views(case):
        found = resized(view, size, size)
        pixels = to_bytes(found.image)
        wanted = case[f"uint8_{index}"]
        encoded = encoder_input(pixels, int(case["encoder_size"]))

        assert_close(found.image, case[f"resized_{index}"], 1e-3)
        assert_close(found.mask, case[f"label_resized_{index}"], 1e-3)
        is_equal = pixels.numpy() == wanted
        assert is_equal.mean() >= 0.99
        assert np.abs(pixels.numpy().astype(int) - wanted).max() <= 1
        is_same = np.ones(encoded.shape, bool)
        is_same[:, :size, :size] = is_equal
        assert_close(encoded.numpy()[is_same], case[f"encoder_input_{index}"][is_same], 1e-5)
        assert_close(mask_boxes(found.mask), case[f"box_{index}"], 0)
