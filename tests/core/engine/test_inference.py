from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.engine.inference import InferenceRule, multi_scale_logits, scaled_size, sliding_logits, window_starts


def own_values(windows: Tensor) -> Tensor:
    """A model whose one logit is the first colour channel."""
    return windows[:, :1]


@pytest.mark.parametrize(
    ("length", "crop", "starts"),
    [
        (1024, 769, [0, 255]),
        (2048, 769, [0, 513, 1026, 1279]),
        (769, 769, [0]),
        (500, 769, [0]),
        (10, 6, [0, 4]),
        (11, 6, [0, 4, 5]),
    ],
)
def test_windows_cover_a_side_and_the_last_is_shifted_inside(length: int, crop: int, starts: list[int]) -> None:
    assert window_starts(length, crop) == starts


def test_the_longer_side_is_that_of_the_scale() -> None:
    assert scaled_size((1024, 2048), 1.0, 2048) == (1024, 2048)
    assert scaled_size((100, 50), 1.5, 200) == (300, 150)
    assert scaled_size((3, 10), 1.0, 5) == (2, 5)


def test_overlapping_windows_are_averaged() -> None:
    """Of 1 x 10 pixels the windows 0–5 and 4–9 overlap in two columns."""
    image = torch.zeros(1, 3, 6, 10)
    numbers = iter((1.0, 3.0))

    def by_window(windows: Tensor) -> Tensor:
        return torch.stack([torch.full((1, 6, 6), next(numbers)) for _ in windows])

    logits = sliding_logits(by_window, image, (6, 6))

    assert logits[0, 0, 0].tolist() == [1, 1, 1, 1, 2, 2, 3, 3, 3, 3]


def test_a_small_image_is_padded_and_the_padding_cut_off_again() -> None:
    image = torch.arange(1.0, 7).reshape(1, 1, 2, 3).expand(1, 3, 2, 3)

    assert torch.equal(sliding_logits(own_values, image, (5, 6)), image[:, :1])


@pytest.mark.parametrize("batch_size", [1, 2, 9])
def test_the_number_of_windows_at_a_time_changes_nothing(batch_size: int) -> None:
    image = torch.rand(1, 3, 11, 14, generator=torch.Generator().manual_seed(0))

    assert torch.allclose(sliding_logits(own_values, image, (6, 6), batch_size), image[:, :1])


def test_scales_are_summed_and_mirrored_images_averaged() -> None:
    image = torch.full((1, 3, 4, 8), 2.0)

    assert torch.allclose(multi_scale_logits(own_values, image, (4, 4), 8, (1.0, 2.0), flip=True), image[:, :1] * 2)


def test_flip_mirrors_back() -> None:
    image = torch.rand(1, 3, 4, 8, generator=torch.Generator().manual_seed(0))

    assert torch.allclose(multi_scale_logits(own_values, image, (4, 4), 8, flip=True), image[:, :1])


def test_a_scale_is_needed() -> None:
    with pytest.raises(ValueError, match="no scale"):
        multi_scale_logits(own_values, torch.zeros(1, 3, 4, 8), (4, 4), 8, ())


def test_whole_images_are_seen_at_another_size_and_answered_at_their_own() -> None:
    sizes: list[tuple[int, ...]] = []

    def brightness(images: Tensor) -> Tensor:
        sizes.append(tuple(images.shape[-2:]))
        return images[:, :1]

    images = torch.zeros(1, 3, 4, 8)
    images[..., 4:] = 1
    logits = InferenceRule("whole", crop_px=4, base_size=8, seen_size=(2, 4)).logits(brightness, images)

    assert sizes == [(2, 4)]
    assert logits.shape == (1, 1, 4, 8)
    assert (logits[0, 0, :, 0] == 0).all()
    assert (logits[0, 0, :, -1] == 1).all()
