from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image as Pictures

from core.data.transforms.weak_view import (
    SoftResample,
    WeakView,
    draw_weak_view,
    scaled_size,
    soft_view,
    soft_weights,
    to_unit,
    weak_augment,
    weak_image,
    weak_label,
)

IMAGE = np.repeat(np.arange(0, 160, 10, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(8, axis=0)
"""(8, 16, 3): columns of 0, 10, … 150."""
LABEL = IMAGE[:, :, 0]
UNMOVED = WeakView((8, 16), 0, 0, is_flipped=False)


def soft(probs: torch.Tensor, view: WeakView, crop: tuple[int, int], share: int, mode: SoftResample) -> torch.Tensor:
    weights = soft_weights((probs.shape[1], probs.shape[2]), (8, 16), view, crop, share, mode)
    return soft_view(probs, *(torch.from_numpy(axis) for axis in weights))


def test_size_follows_the_width_and_rounds_down() -> None:
    assert scaled_size((320, 640), 640, 1.0) == (320, 640)
    assert scaled_size((32, 64), 64, 1.43) == (45, 91)


def test_crop_is_cut_before_it_is_flipped() -> None:
    image, label = weak_augment(IMAGE, LABEL, WeakView((8, 16), 2, 3, is_flipped=True), (4, 5))

    np.testing.assert_array_equal(image, IMAGE[2:6, 3:8][:, ::-1])
    np.testing.assert_array_equal(label, LABEL[2:6, 3:8][:, ::-1])


def test_an_item_smaller_than_the_crop_is_padded_at_right_and_bottom() -> None:
    image, label = weak_augment(IMAGE, LABEL, UNMOVED, (10, 20))
    padded = soft(torch.ones(2, 3, 5, dtype=torch.float64), UNMOVED, (10, 20), 1, "direct")

    np.testing.assert_array_equal(image[:8, :16], IMAGE)
    assert not image[8:].any()
    assert not image[:, 16:].any()
    assert (label[8:] == 255).all()
    assert (label[:, 16:] == 255).all()
    assert padded[:, :8, :16].min() == pytest.approx(1)
    assert not padded[:, 8:].any()
    assert not padded[:, :, 16:].any()


def test_images_become_numbers_from_0_to_1() -> None:
    tensor = to_unit(IMAGE)

    assert tensor.shape == (3, 8, 16)
    assert tensor[1, 0, 15].item() == pytest.approx(150 / 255)


@pytest.mark.parametrize("mode", ["direct", "chain"])
@pytest.mark.parametrize("is_flipped", [False, True])
def test_a_soft_label_that_rises_evenly_is_read_at_its_place(mode: SoftResample, is_flipped: bool) -> None:
    columns = torch.linspace(0, 15, 5, dtype=torch.float64).expand(2, 3, 5)
    view = WeakView((8, 16), 0, 3, is_flipped)

    found = soft(columns, view, (8, 8), 4, mode)

    # The grid of 2 cells meets the first and the last pixel of the crop, which are columns 3 and 10.
    assert found.shape == (2, 2, 2)
    assert found[0, 0].tolist() == pytest.approx([10, 3] if is_flipped else [3, 10])


def test_soft_labels_of_a_batch_are_read_together() -> None:
    probs = torch.rand(2, 3, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    views = [WeakView((8, 16), 0, 2, is_flipped=False), WeakView((6, 12), 1, 0, is_flipped=True)]
    weights = [soft_weights((4, 6), (8, 16), view, (4, 8), 4) for view in views]
    rows, columns = (torch.from_numpy(np.stack(axis)) for axis in zip(*weights, strict=True))

    together = soft_view(probs, rows, columns)

    alone = [soft(one, view, (4, 8), 4, "direct") for one, view in zip(probs, views, strict=True)]
    torch.testing.assert_close(together, torch.stack(alone))


def test_probabilities_still_sum_to_one() -> None:
    probs = torch.rand(4, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).softmax(dim=0)

    for mode in ("direct", "chain"):
        found = soft(probs, WeakView((12, 24), 1, 5, is_flipped=True), (8, 16), 4, mode)
        torch.testing.assert_close(found.sum(dim=0), torch.ones(2, 4, dtype=torch.float64))


def test_views_follow_from_the_generator_and_advance_it_alike() -> None:
    first, second = np.random.default_rng(2), np.random.default_rng(2)

    views = [draw_weak_view((32, 64), 64, (16, 32), first) for _ in range(300)]

    assert views == [draw_weak_view((32, 64), 64, (16, 32), second) for _ in range(300)]
    assert {view.is_flipped for view in views} == {True, False}
    assert min(view.size[1] for view in views) >= 32
    assert max(view.size[1] for view in views) <= 95
    assert all(view.row + 16 <= view.size[0] and view.column + 32 <= view.size[1] for view in views)


def test_the_crop_alone_gives_the_view_of_the_whole_but_for_grey_levels() -> None:
    generator = np.random.default_rng(3)
    image = generator.integers(0, 256, (48, 96, 3), dtype=np.uint8)
    label = generator.integers(0, 19, (48, 96), dtype=np.uint8)
    differing = []
    for _ in range(60):
        view = draw_weak_view((48, 96), 96, (30, 60), generator)

        pixels, ids = weak_augment(image, label, view, (30, 60))
        difference = np.abs(weak_image(image, view, (30, 60)).astype(int) - pixels)

        assert difference.max() <= 2
        assert np.array_equal(weak_label(label, view, (30, 60)), ids)
        assert np.array_equal(ids, whole_label(label, view, (30, 60)))
        differing.append(difference.mean())
    assert np.mean(differing) < 0.05


def whole_label(label: np.ndarray, view: WeakView, crop: tuple[int, int]) -> np.ndarray:
    """Return a view of a label by way of the whole label."""
    scaled = np.asarray(Pictures.fromarray(label).resize(view.size[::-1], Pictures.Resampling.NEAREST))
    found = np.full(crop, 255, np.uint8)
    part = scaled[view.row : view.row + crop[0], view.column : view.column + crop[1]]
    found[: part.shape[0], : part.shape[1]] = part
    return found[:, ::-1] if view.is_flipped else found


def test_a_converted_image_is_no_view_of_the_array() -> None:
    image = np.full((2, 3, 3), 51, np.uint8)
    image.flags.writeable = False

    converted = to_unit(image)

    assert converted.is_contiguous()
    assert converted.unique().tolist() == [torch.tensor(0.2).item()]
