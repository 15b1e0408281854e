from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.data.transforms.presets import to_normalised
from core.data.transforms.rescale import Rescale, centred, draw_rescale, rescale_and_crop, rescaled_size

GENERATOR = np.random.default_rng(0)
IMAGE = GENERATOR.integers(0, 256, (23, 31, 3)).astype(np.uint8)
LABEL = GENERATOR.integers(0, 19, (23, 31)).astype(np.uint8)


def in_published_order(done: Rescale, crop: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Normalise, resize, flip, pad, crop: everything that the fast path must equal."""
    image = F.interpolate(to_normalised(IMAGE)[None], done.size, mode="bilinear", align_corners=False)
    label = F.interpolate(torch.from_numpy(LABEL)[None, None].float(), done.size, mode="nearest")
    if done.is_flipped:
        image, label = image.flip(3), label.flip(3)
    rows, columns = (max(window - side, 0) for window, side in zip(crop, done.size, strict=True))
    margins = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
    image, label = F.pad(image, margins), F.pad(label, margins, value=255)
    window = (slice(done.row, done.row + crop[0]), slice(done.column, done.column + crop[1]))
    return image[0, :, *window], label[0, 0, *window].to(torch.uint8)


@pytest.mark.parametrize("seed", range(12))
def test_the_crop_is_that_of_the_published_order(seed: int) -> None:
    crop = (17, 20)
    done = draw_rescale(LABEL.shape, crop, np.random.default_rng(seed), (0.3, 2.5))  # type: ignore[arg-type]
    image, label = rescale_and_crop(IMAGE, LABEL, done, crop)
    wanted_image, wanted_label = in_published_order(done, crop)
    assert torch.allclose(image, wanted_image, atol=1e-5)
    assert torch.equal(label, wanted_label)


def test_padding_is_black_after_normalising_and_ignored() -> None:
    image, label = rescale_and_crop(IMAGE, LABEL, centred((23, 31), (25, 31)), (25, 31))
    assert not image[:, [0, -1]].any()
    assert label[0].eq(255).all()
    assert torch.equal(label[1:-1], torch.from_numpy(LABEL))


def test_a_side_never_vanishes() -> None:
    assert rescaled_size((3, 400), 0.1) == (1, 40)
