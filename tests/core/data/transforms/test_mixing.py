from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.transforms.mixing import (
    MixedBatch,
    Region,
    box_keep_mask,
    class_keep_mask,
    component_region,
    components,
    copy_paste,
    cut_out,
    cutmix_region,
    draw_box,
    half_area_region,
    mix_with_next,
)


def test_pasted_are_the_partners_pixels_of_the_classes() -> None:
    images, partners = torch.zeros(1, 3, 1, 3), torch.ones(1, 3, 1, 3)

    pasted, labels = copy_paste(
        images, torch.tensor([[[9, 9, 9]]]), partners, torch.tensor([[[1, 2, 255]]]), torch.tensor([2, 4])
    )

    assert labels.tolist() == [[[9, 2, 9]]]
    assert pasted[0, :, 0].tolist() == [[0, 1, 0]] * 3


def test_a_partner_that_shows_class_0_alone_is_passed_over() -> None:
    images, partners = torch.zeros(1, 3, 1, 2), torch.ones(1, 3, 1, 2)

    _, labels = copy_paste(images, torch.tensor([[[9, 9]]]), partners, torch.tensor([[[0, 0]]]), torch.tensor([0]))

    assert labels.tolist() == [[[9, 9]]]


def test_pixels_that_touch_by_a_corner_hang_together() -> None:
    prediction = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 1]])

    numbered, count = components(prediction, 1)

    assert count == 2
    assert numbered.tolist() == [[1, 0, 0, 2], [0, 1, 0, 2], [0, 0, 0, 2]]


def test_a_component_of_just_the_share_is_too_small() -> None:
    numbered, _ = components(np.array([[1, 1, 0, 1, 1, 1, 0, 0, 0, 0]]), 1)

    assert component_region(numbered, [1, 2], 0.2) == Region(0, 3, 1, 6)
    assert component_region(numbered, [1, 2], 0.1) == Region(0, 0, 1, 2)
    assert component_region(numbered, [1, 2], 0.3) is None


def test_a_rectangle_of_half_the_area_takes_the_place_of_an_absent_class() -> None:
    """u = 1 halves the height and keeps the width; v = 1 puts it at the bottom."""
    assert half_area_region(8, 6, 1.0, 1.0, 0.5) == Region(4, 0, 8, 6)
    assert half_area_region(8, 6, 0.0, 0.5, 1.0) == Region(0, 3, 8, 6)
    region = cutmix_region(np.zeros((40, 60), np.int64), 7, 0.005, np.random.default_rng(0))
    assert (region.bottom - region.top) * (region.right - region.left) == pytest.approx(1200, rel=0.05)


def test_a_drawn_box_lies_inside_and_has_half_the_area() -> None:
    generator = np.random.default_rng(0)

    for _ in range(50):
        keep = box_keep_mask(12, 10, draw_box(12, 10, generator))
        width = int((~keep).any(dim=0).sum())
        assert 6 <= width <= 9
        # 60 pixels, but for the rounding of the height.
        assert abs(int((~keep).sum()) - 60) <= width / 2


def test_half_of_the_classes_are_kept() -> None:
    labels = torch.tensor([[1, 4, 7, 7, 9]])

    assert class_keep_mask(labels, [2, 0, 3, 1]).tolist() == [[True, False, True, True, False]]


def test_what_is_cut_out_has_no_label_and_what_is_mixed_has_the_next_images() -> None:
    batch = MixedBatch(
        torch.tensor([1.0, 2.0]).reshape(2, 1, 1, 1).expand(2, 3, 1, 2),
        torch.tensor([[[1, 1]], [[2, 2]]]),
        torch.tensor([[[0.1, 0.1]], [[0.2, 0.2]]]),
    )
    keep = torch.tensor([[[True, False]], [[False, True]]])

    cut, mixed = cut_out(batch, keep), mix_with_next(batch, keep)

    assert cut.labels.tolist() == [[[1, 255]], [[255, 2]]]
    assert cut.images[:, 0, 0].tolist() == [[1, 0], [0, 2]]
    assert cut.confidence.count_nonzero() == 2
    assert mixed.labels.tolist() == [[[1, 2]], [[1, 2]]]
    assert mixed.images[:, 0, 0].tolist() == [[1, 2], [1, 2]]
