from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.acquisition.ripu import best_classes, pixel_score, region_impurity, region_score

LN2 = math.log(2)


def direct_impurity(labels: Tensor, num_classes: int, radius_px: int) -> Tensor:
    """Return the impurity by a direct convolution in float64."""
    onehot = F.one_hot(labels.long(), num_classes).permute(0, 3, 1, 2).double()
    weight = torch.ones(num_classes, 1, 2 * radius_px + 1, 2 * radius_px + 1, dtype=torch.float64)
    counts = F.conv2d(onehot, weight, padding=radius_px, groups=num_classes)
    share = counts / counts.sum(dim=1, keepdim=True)
    return -(share * (share + 1e-6).log()).sum(dim=1)


def test_a_window_of_two_classes_in_equal_parts_has_the_impurity_ln_2() -> None:
    # Pixel 0 sees {0, 1}: ln 2. Pixel 1 sees {0, 1, 1}: −⅓ ln ⅓ − ⅔ ln ⅔ = ln 3 − ⅔ ln 2. Pixel 2 sees {1, 1}: 0.
    impurity = region_impurity(torch.tensor([[[0, 1, 1]]]), 2, 1)

    assert impurity[0, 0].tolist() == pytest.approx([LN2, math.log(3) - 2 / 3 * LN2, 0], abs=1e-5)


def test_a_pure_window_scores_slightly_below_0() -> None:
    maps = region_score(torch.tensor([[[[2.0] * 3] * 3, [[0.0] * 3] * 3]]), 1)

    assert (maps.impurity < 0).all()
    assert maps.impurity.abs().max() < 3e-6
    assert (maps.score < 0).all()


def test_the_score_is_impurity_times_mean_uncertainty() -> None:
    # Equal logits of two classes: every pixel has uncertainty 1 and, by the lower index, class 0. A third one with a
    # strong class 1 has uncertainty 0. Window of the middle pixel: shares ⅔ and ⅓, mean uncertainty ⅔.
    logits = torch.tensor([[[[0.0, 0.0, 0.0]], [[0.0, 0.0, 90.0]]]])

    maps = region_score(logits, 1)

    impurity = (math.log(3) - 2 / 3 * LN2) / LN2
    assert maps.uncertainty[0, 0].tolist() == pytest.approx([1, 2 / 3, 0.5], abs=1e-5)
    assert maps.impurity[0, 0, 1].item() == pytest.approx(impurity, abs=1e-5)
    assert maps.score[0, 0, 1].item() == pytest.approx(impurity * 2 / 3, abs=1e-5)


def test_the_score_of_a_pixel_takes_its_own_uncertainty_in_nats() -> None:
    logits = torch.tensor([[[[0.0, 0.0, 0.0]], [[0.0, 0.0, 90.0]]]])

    maps = pixel_score(logits, 1)

    assert maps.uncertainty[0, 0].tolist() == pytest.approx([LN2, LN2, 0], abs=1e-5)
    assert maps.score[0, 0, 1].item() == pytest.approx((math.log(3) - 2 / 3 * LN2) * LN2, abs=1e-5)


def test_log19_changes_the_scale_and_nothing_else() -> None:
    logits = torch.randn(1, 3, 4, 5, generator=torch.Generator().manual_seed(0))

    plain, reference = region_score(logits, 1), region_score(logits, 1, log19=True)

    factor = math.log(3) / math.log(19)
    assert torch.allclose(reference.impurity, plain.impurity * factor)
    assert torch.allclose(reference.score, plain.score * factor**2)


@pytest.mark.parametrize(("size", "radius_px"), [((1, 1), 1), ((2, 3), 4), ((23, 31), 1), ((40, 33), 9)])
def test_impurity_equals_a_direct_convolution(size: tuple[int, int], radius_px: int) -> None:
    labels = torch.randint(7, (2, *size), generator=torch.Generator().manual_seed(3))

    assert torch.allclose(
        region_impurity(labels, 7, radius_px).double(), direct_impurity(labels, 7, radius_px), atol=1e-5, rtol=0
    )


def test_the_best_class_is_the_lowest_on_ties() -> None:
    logits = torch.tensor([[[[1.0, 3.0]], [[2.0, 3.0]], [[2.0, 0.0]]]])

    assert best_classes(logits).tolist() == [[[1, 0]]]
    assert torch.equal(best_classes(logits).long(), logits.argmax(dim=1))


def test_no_images_and_images_apart_from_one_another() -> None:
    logits = torch.randn(2, 3, 5, 6, generator=torch.Generator().manual_seed(1))

    assert region_score(logits[:0], 2).score.shape == (0, 5, 6)
    assert torch.allclose(region_score(logits, 2).score[1:], region_score(logits[1:], 2).score, atol=1e-6)


def test_one_class_and_a_negative_radius_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        region_score(torch.zeros(1, 1, 2, 2), 1)
    with pytest.raises(ValueError, match="cannot be negative"):
        pixel_score(torch.zeros(1, 2, 2, 2), -1)
