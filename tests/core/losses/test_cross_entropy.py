from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from core.losses.cross_entropy import (
    background_negative,
    bce_all_channels,
    bce_onehot,
    class_bce,
    cross_entropy,
    sum_of_class_means,
    unbiased_cross_entropy,
)
from core.losses.sparse_target import SparseTarget

LN2 = math.log(2)
LN3 = math.log(3)
IGNORED = torch.full((1, 1, 2), 255)


def pixels(*columns: tuple[float, ...]) -> Tensor:
    """Return logits (1, C, 1, W), one tuple of channels a pixel."""
    return torch.tensor(columns, dtype=torch.float64).T[None, :, None, :]


def test_cross_entropy_averages_over_the_pixels_that_count() -> None:
    # softmax(ln 3, 0) = (3/4, 1/4): −log of it is ln(4/3) for class 0 and ln 4 for class 1; the last pixel is ignored.
    logits = pixels((LN3, 0), (LN3, 0), (9, -9))

    loss = cross_entropy(logits, torch.tensor([[[0, 1, 255]]]))

    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)


def test_unbiased_form_gives_the_background_the_probability_of_every_old_class() -> None:
    # Softmax (1/8, 2/8, 5/8); with two old channels the background has 3/8, whichever old label the pixel has.
    logits = pixels(*[(0, math.log(2), math.log(5))] * 4)

    loss = unbiased_cross_entropy(logits, torch.tensor([[[0, 1, 2, 255]]]), num_old=2)

    assert loss.item() == pytest.approx((2 * math.log(8 / 3) + math.log(8 / 5)) / 3)


def test_unbiased_form_with_the_background_alone_is_the_cross_entropy() -> None:
    logits, labels = pixels((1, 2, 3), (3, 1, 2)), torch.tensor([[[2, 0]]])

    assert unbiased_cross_entropy(logits, labels, 1).item() == pytest.approx(cross_entropy(logits, labels).item())


def test_unbiased_form_of_ignored_pixels_is_zero_with_zero_gradient() -> None:
    logits = pixels((1, 2), (3, 4)).requires_grad_()

    loss = unbiased_cross_entropy(logits, IGNORED, 1)
    loss.backward()

    assert loss.item() == 0
    assert torch.equal(logits.grad, torch.zeros_like(logits))


def test_gradient_of_the_unbiased_form_is_that_of_finite_differences() -> None:
    logits = pixels((1, 2, 0.5), (3, 1, 2)).requires_grad_()

    assert torch.autograd.gradcheck(lambda z: unbiased_cross_entropy(z, torch.tensor([[[0, 2]]]), 2), logits)


@pytest.mark.parametrize("num_old", [0, 3])
def test_number_of_old_channels_outside_the_channels_is_refused(num_old: int) -> None:
    with pytest.raises(ValueError, match=f"{num_old} old channels of 2: expected 1 to 2"):
        unbiased_cross_entropy(pixels((1, 2)), torch.zeros(1, 1, 1, dtype=torch.int64), num_old)


def test_bce_onehot_sums_channels_and_averages_labelled_pixels() -> None:
    # softplus(0) = ln 2 and softplus(ln 3) = ln 4. Pixel 0: ln 2 + ln 4 − ln 3; pixel 1: 2 ln 2; pixel 2 is ignored.
    logits = pixels((0, LN3), (0, 0), (7, 7))
    target = SparseTarget.from_labels(torch.tensor([[[1, 0, 255]]]), dtype=torch.float64)

    first, second = LN2 + math.log(4 / 3), 2 * LN2

    assert bce_onehot(logits, target).item() == pytest.approx((first + second) / 2)
    assert bce_onehot(logits, target, reduction="sum").item() == pytest.approx(first + second)
    assert bce_onehot(logits, target, reduction="none").flatten().tolist() == pytest.approx([first, second, 0])


def test_bce_onehot_of_a_blended_pixel_weighs_both_classes() -> None:
    # Pixel of class 0, λ = 1/4 of class 1: softplus(ln 3) + softplus(ln 3) − (3/4 + 1/4)·ln 3 = 2 ln 4 − ln 3.
    weights = torch.tensor([0.75, 0.25], dtype=torch.float64)
    blended = SparseTarget(torch.tensor([0, 1]).reshape(1, 2, 1, 1), weights.reshape(1, 2, 1, 1))

    loss = bce_onehot(pixels((LN3, LN3)), blended)

    assert loss.item() == pytest.approx(2 * math.log(4) - LN3)


def test_pixel_weight_scales_pixels_without_changing_their_number() -> None:
    logits = pixels((0, 0), (0, 0))
    target = SparseTarget.from_labels(torch.tensor([[[1, 0]]]), dtype=torch.float64)

    loss = bce_onehot(logits, target, pixel_weight=torch.tensor([[[3.0, 0.0]]]))

    assert loss.item() == pytest.approx(3 * LN2)


def test_positive_weight_multiplies_the_term_of_the_target_alone() -> None:
    # Target class 1 with weight 5: softplus(0) of channel 0 is ln 2; channel 1 gives 5·softplus(−ln 3) = 5·ln(4/3).
    target = SparseTarget.from_labels(torch.tensor([[[1]]]), dtype=torch.float64)
    weights = torch.tensor([7.0, 5.0], dtype=torch.float64)

    loss = bce_onehot(pixels((0, LN3)), target, pos_weight=weights)

    assert loss.item() == pytest.approx(LN2 + 5 * math.log(4 / 3))


@pytest.mark.parametrize(
    "loss_of",
    [
        lambda logits: cross_entropy(logits, IGNORED),
        lambda logits: bce_onehot(logits, SparseTarget.from_labels(IGNORED)),
        lambda logits: bce_onehot(logits, SparseTarget.from_labels(IGNORED), pos_weight=torch.tensor([2.0, 3.0])),
    ],
    ids=["cross_entropy", "bce_onehot", "bce_onehot_with_positive_weight"],
)
def test_all_ignored_pixels_give_zero_with_zero_gradient(loss_of: Callable[[Tensor], Tensor]) -> None:
    logits = torch.tensor([[[[1.0, -2.0]], [[3.0, 0.5]]]], requires_grad=True)

    loss = loss_of(logits)
    loss.backward()

    assert loss.item() == 0
    assert torch.equal(logits.grad, torch.zeros_like(logits))


def test_class_bce_counts_ignored_pixels_as_negatives() -> None:
    # Channel of class 3 with logit ln 3: positive ln(4/3), negative and ignored ln 4.
    logits = torch.full((1, 1, 1, 3), LN3, dtype=torch.float64)

    losses = class_bce(logits, torch.tensor([[[3, 0, 255]]]), first_class=3)

    assert losses.flatten().tolist() == pytest.approx([math.log(4 / 3), math.log(4), math.log(4)])


def test_class_means_are_summed() -> None:
    losses = torch.tensor([[[[1.0, 3.0]], [[10.0, 20.0]]]])

    assert sum_of_class_means(losses).item() == 17


def test_absent_old_classes_take_the_old_models_probability_as_target() -> None:
    # Zero logits give ln 2 whatever the target; at logit ln 3 a target y costs ln 4 − y·ln 3. Old class 1 is absent and
    # its old probability is sigmoid(0) = 1/2; class 2 is new; the background has no target.
    logits = pixels((0, LN3, 0))

    loss = bce_all_channels(logits, torch.tensor([[[2]]]), background_target=False, logits_old=pixels((5, 0)))

    assert loss.item() == pytest.approx((LN2 + math.log(4) - LN3 / 2 + LN2) / 3)


def test_present_old_classes_overwrite_the_old_models_probability() -> None:
    logits = pixels((0, LN3, 0))

    loss = bce_all_channels(logits, torch.tensor([[[1]]]), background_target=False, logits_old=pixels((5, 0)))

    assert loss.item() == pytest.approx((LN2 + math.log(4) - LN3 + LN2) / 3)


def test_background_target_makes_channel_zero_positive_on_background() -> None:
    logits = pixels((LN3, 0))

    with_target = bce_all_channels(logits, torch.tensor([[[0]]]), background_target=True)
    without = bce_all_channels(logits, torch.tensor([[[0]]]), background_target=False)

    assert with_target.item() == pytest.approx((math.log(4 / 3) + LN2) / 2)
    assert without.item() == pytest.approx((math.log(4) + LN2) / 2)


def test_background_negative_is_the_mean_softplus_of_channel_zero() -> None:
    assert background_negative(pixels((0, 50), (LN3, -50))).item() == pytest.approx((LN2 + math.log(4)) / 2)


LABELS = torch.tensor([[[0, 1, 255], [2, 3, 1]]])
HARD = SparseTarget.from_labels(LABELS, dtype=torch.float64)
SHARE = torch.tensor([[[[0.3, 0.3, 0.3], [0.0, 0.0, 0.3]]]], dtype=torch.float64)
TARGET = SparseTarget(
    torch.cat([HARD.classes, torch.full((1, 1, 2, 3), 3)], dim=1),
    torch.cat([HARD.weights * (1 - SHARE), SHARE], dim=1),
)
"""Class 3 is blended into four of the pixels."""
PIXEL_WEIGHT = torch.linspace(0.5, 2, 6).reshape(1, 2, 3)
POS_WEIGHT = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
LOGITS_OLD = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(1, 2, 2, 3)


@pytest.mark.parametrize(
    "loss_of",
    [
        lambda logits: cross_entropy(logits, LABELS),
        lambda logits: bce_onehot(logits, TARGET),
        lambda logits: bce_onehot(logits, TARGET, PIXEL_WEIGHT, POS_WEIGHT),
        lambda logits: bce_onehot(logits, TARGET, reduction="none"),
        lambda logits: sum_of_class_means(class_bce(logits[:, 2:], LABELS, 2, POS_WEIGHT[2:])),
        lambda logits: bce_all_channels(logits, LABELS, background_target=True),
        lambda logits: bce_all_channels(logits, LABELS + 1, background_target=False, logits_old=LOGITS_OLD),
        background_negative,
    ],
    ids=["softmax", "onehot", "onehot_weighted", "onehot_map", "class", "all", "soft_old", "background"],
)
def test_gradients_agree_with_finite_differences(loss_of: Callable[[Tensor], Tensor]) -> None:
    logits = torch.randn(1, 4, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    assert torch.autograd.gradcheck(loss_of, logits.requires_grad_())
