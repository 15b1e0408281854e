"""Views of an image and its binary mask."""

from __future__ import annotations

import pytest
import torch

from core.data.transforms.large_scale_jitter import (
    IMAGE_PADDING,
    View,
    encoder_input,
    jittered,
    jittered_size,
    to_bytes,
)


class Fixed:
    def __init__(self, scale: float) -> None:
        self._scale = scale

    def uniform(self) -> float:
        return self._scale

    def integer(self, end: int) -> int:
        return end - 1


def test_scales_run_from_a_tenth_to_twice() -> None:
    assert jittered_size(10, 20, 100, 0.0, (0.1, 2.0)) == (5, 10)
    assert jittered_size(10, 20, 100, 0.99999, (0.1, 2.0)) == (100, 200)
    assert jittered_size(1, 900, 100, 0.0, (0.1, 2.0)) == (1, 10)


def test_small_views_are_padded_right_and_below() -> None:
    view = jittered(View(torch.zeros(3, 10, 10), torch.full((1, 10, 10), 255.0)), 20, Fixed(0.0))

    assert view.image.shape == (3, 20, 20)
    assert view.mask[0, :2, :2].min() == 255
    assert view.mask.sum() == 4 * 255
    assert view.image[0, 2, 2] == IMAGE_PADDING


def test_large_views_are_cropped_where_the_draws_say() -> None:
    ramp = torch.arange(10.0).expand(1, 10, 10)
    view = jittered(View(ramp.expand(3, 10, 10), ramp), 10, Fixed(0.99999))

    assert view.mask.shape == (1, 10, 10)
    assert view.mask[0, 0, -1] == 9
    assert view.mask.min() >= 4


def test_bytes_are_cut_off() -> None:
    assert to_bytes(torch.tensor([1.99, 254.9, -3.0, 300.0])).tolist() == [1, 254, 0, 255]


def test_an_image_larger_than_the_encoder_is_refused() -> None:
    with pytest.raises(ValueError, match="8x9 does not fit"):
        encoder_input(torch.zeros(3, 9, 8, dtype=torch.uint8), 8)
