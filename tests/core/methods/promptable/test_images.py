"""Views of images and what SAM is asked with."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.memory.images import whole_image
from core.methods.promptable.config import ViewConfig
from core.methods.promptable.images import (
    JoinedImages,
    RepeatedImages,
    StoredImages,
    draw_prompt,
    evaluation_view,
    training_item,
)
from core.models.sam.sizes import SIZES

SIZE = SIZES["tiny"]


def draws(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def spot(height: int = 40, width: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Return an image with one pixel of foreground in a corner."""
    mask = np.zeros((height, width), np.uint8)
    mask[-1, -1] = 255
    return np.full((height, width, 3), 90, np.uint8), mask


def test_a_view_without_foreground_is_drawn_again() -> None:
    published = [training_item(*spot(), draws(seed), ViewConfig(jitter_retry=0), SIZE) for seed in range(40)]
    ours = [training_item(*spot(), draws(seed), ViewConfig(), SIZE) for seed in range(40)]

    assert any(item.target.max() == 0 for item in published)
    assert all(item.target.max() > 0 for item in ours)
    assert {item.prompt.kind for item in published if item.target.max() <= 128 / 255} == {"noise_mask"}


def test_each_image_draws_one_of_the_prompts_that_are_listed() -> None:
    image, mask = spot()
    mask[10:30, 10:30] = 255
    kinds = [training_item(image, mask, draws(seed), ViewConfig(), SIZE).prompt.kind for seed in range(30)]
    boxes = [training_item(image, mask, draws(seed), ViewConfig(prompts=("box",)), SIZE) for seed in range(5)]

    assert set(kinds) == {"box", "points", "noise_mask"}
    assert {item.prompt.kind for item in boxes} == {"box"}


@pytest.mark.parametrize("size", [(1, 60), (200, 3), (1, 1)])
def test_images_of_any_shape_have_views(size: tuple[int, int]) -> None:
    image, mask = spot(*size)

    item, view = training_item(image, mask, draws(), ViewConfig(), SIZE), evaluation_view(image, mask, SIZE.image_px)

    assert item.image.shape == view.image.shape == (3, 64, 64)
    assert item.target.shape == view.mask.shape == (1, 64, 64)


def test_an_empty_mask_is_asked_for_everywhere() -> None:
    empty = torch.zeros(1, 64, 64)

    assert draw_prompt(empty, "box", draws(), 10, SIZE).values.tolist() == [0, 0, 63, 63]
    assert draw_prompt(empty, "points", draws(), 10, SIZE).values.shape == (0, 2)
    assert draw_prompt(empty, "noise_mask", draws(), 10, SIZE).values.shape == (1, SIZE.mask_px, SIZE.mask_px)


def test_a_view_for_tests_keeps_what_a_jpeg_mask_has_between() -> None:
    image, mask = spot(64, 64)
    mask[0, 0] = 77

    assert evaluation_view(image, mask, 64).mask[0, 0, 0] == 77


def test_stored_images_come_back_and_sets_follow_one_another() -> None:
    image, mask = spot(8, 12)
    stored = StoredImages(
        [whole_image(image, mask > 128, "pits/a", 0), whole_image(image + 9, mask > 128, "pits/b", 0)]
    )
    joined = JoinedImages([stored, RepeatedImages(stored, 3)])

    assert len(joined) == 5
    assert [joined.name_of(place) for place in range(5)] == ["pits/a", "pits/b", "pits/a", "pits/b", "pits/a"]
    np.testing.assert_array_equal(joined.read(3)[0], image + 9)
    np.testing.assert_array_equal(joined.read(0)[1], mask)
    with pytest.raises(IndexError, match="behind the last"):
        joined.read(5)
