from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.acquisition.windows import window_areas, window_class_counts, window_means, window_sums


def test_windows_are_clipped_at_the_border() -> None:
    maps = torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])

    assert window_sums(maps, 1).tolist() == [[12, 21, 16], [27, 45, 33], [24, 39, 28]]
    assert window_areas(maps, 1).tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]
    assert window_means(maps.float(), 1).tolist() == [[3, 3.5, 4], [4.5, 5, 5.5], [6, 6.5, 7]]


@pytest.mark.parametrize("radius_px", [3, 50])
def test_a_window_over_the_whole_image_sums_all(radius_px: int) -> None:
    assert window_sums(torch.ones(2, 3, 4, dtype=torch.int64), radius_px).eq(12).all()


def test_a_radius_of_0_leaves_the_map() -> None:
    maps = torch.arange(6).reshape(2, 3)

    assert torch.equal(window_sums(maps, 0), maps)


def test_a_single_pixel_and_none_at_all() -> None:
    assert window_means(torch.tensor([[3.5]]), 2).tolist() == [[3.5]]
    assert window_sums(torch.zeros(1, 0, 4), 2).shape == (1, 0, 4)


def test_a_negative_radius_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 px"):
        window_sums(torch.zeros(2, 2), -1)


@pytest.mark.parametrize("num_classes", [2, 4, 5, 19])
@pytest.mark.parametrize(("size", "radius_px"), [((1, 1), 1), ((3, 4), 3), ((17, 9), 2), ((260, 240), 130)])
def test_counts_equal_a_convolution(size: tuple[int, int], radius_px: int, num_classes: int) -> None:
    # The last size has windows of more than 32,767 pixels, which need wider lanes.
    labels = torch.randint(num_classes, (2, *size), generator=torch.Generator().manual_seed(0))
    onehot = F.one_hot(labels, num_classes).permute(0, 3, 1, 2).double()
    side = 2 * radius_px + 1
    expected = F.avg_pool2d(onehot, side, 1, radius_px, divisor_override=1) if radius_px < 100 else None

    counts = torch.stack(list(window_class_counts(labels, num_classes, radius_px)), dim=1)

    assert counts.shape == onehot.shape
    assert torch.equal(counts.sum(dim=1).float(), window_areas(labels, radius_px).expand(2, *size))
    assert torch.equal(counts.double(), window_sums(onehot, radius_px) if expected is None else expected)


def test_labels_outside_the_classes_are_counted_nowhere() -> None:
    labels = torch.tensor([[[0, 255, 2, -1, 3]]])

    assert torch.stack(list(window_class_counts(labels, 3, 9))).tolist() == [[[[1] * 5]], [[[0] * 5]], [[[1] * 5]]]
