from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from core.losses.cross_entropy import sum_of_class_means
from core.losses.distillation import (
    distillation,
    reference_region_distillation,
    region_specific_distillation,
    region_terms,
    restricted_distillation,
    sigmoid_distillation,
    unbiased_distillation,
)

LN2 = math.log(2)
# One pixel. Old model: q = (3/4, 1/4). New model: p = (1/8, 1/8, 1/4, 1/2), the last two being new classes.
OLD = torch.tensor([3.0, 1.0], dtype=torch.float64).log().reshape(1, 2, 1, 1)
NEW = torch.tensor([1.0, 1.0, 2.0, 4.0], dtype=torch.float64).log().reshape(1, 4, 1, 1)
IS_NEW = torch.ones(1, 1, 1, dtype=torch.float64)
IS_OLD = torch.zeros(1, 1, 1, dtype=torch.float64)


def test_old_background_goes_to_the_new_classes_where_the_pixel_is_new() -> None:
    # −(1/2)[1/4·log 1/8 + 3/4·log 3/4]
    expected = -(0.25 * math.log(1 / 8) + 0.75 * math.log(3 / 4)) / 2

    assert region_specific_distillation(NEW, OLD, IS_NEW).item() == pytest.approx(expected)


def test_old_background_goes_to_the_background_elsewhere() -> None:
    # −(1/2)[1/4·log 1/8 + 3/4·log 1/8]
    assert region_specific_distillation(NEW, OLD, IS_OLD).item() == pytest.approx(math.log(8) / 2)


def test_blended_pixel_mixes_both_terms() -> None:
    new_region, rest = region_terms(NEW, OLD, torch.full((1, 1, 1), 0.25, dtype=torch.float64))

    assert new_region.item() == pytest.approx(0.25 * region_specific_distillation(NEW, OLD, IS_NEW).item())
    assert rest.item() == pytest.approx(0.75 * math.log(8) / 2)


def test_without_the_rest_a_batch_with_no_new_pixel_costs_nothing_and_sends_no_gradient() -> None:
    logits = NEW.clone().requires_grad_()

    loss = region_specific_distillation(logits, OLD, IS_OLD, rest=False)
    loss.backward()

    assert loss.item() == 0
    assert torch.equal(logits.grad, torch.zeros_like(logits))


def test_restricted_form_leaves_the_new_channels_out_of_the_softmax() -> None:
    # Among the two old channels p = (1/2, 1/2): −(1/2)[3/4·log 1/2 + 1/4·log 1/2].
    assert restricted_distillation(NEW, OLD).item() == pytest.approx(LN2 / 2)


def test_restricted_form_sends_no_gradient_into_new_channels() -> None:
    logits = NEW.clone().requires_grad_()

    restricted_distillation(logits, OLD).backward()

    assert logits.grad.flatten().tolist()[2:] == [0, 0]
    assert torch.autograd.gradcheck(lambda z: restricted_distillation(z, OLD), logits)


def test_alpha_sharpens_the_old_models_probabilities() -> None:
    # q ∝ (9, 1): −(1/2)[1/10·log 1/8 + 9/10·log 3/4]
    expected = -(0.1 * math.log(1 / 8) + 0.9 * math.log(3 / 4)) / 2

    assert region_specific_distillation(NEW, OLD, IS_NEW, alpha=2.0).item() == pytest.approx(expected)


def test_unbiased_mode_lets_the_old_background_be_background_or_new() -> None:
    # p_0 + p_new = 7/8: −(1/2)[1/4·log 1/8 + 3/4·log 7/8]
    expected = -(0.25 * math.log(1 / 8) + 0.75 * math.log(7 / 8)) / 2

    assert unbiased_distillation(NEW, OLD).item() == pytest.approx(expected)
    assert unbiased_distillation(NEW, OLD, reduction="none").shape == (1, 1, 1)


def test_reference_formula_leaves_the_first_new_class_out() -> None:
    expected = -(0.25 * math.log(1 / 8) + 0.75 * math.log(1 / 2)) / 2

    assert reference_region_distillation(NEW, OLD).item() == pytest.approx(expected)


def test_reference_formula_is_infinite_with_one_new_class_and_ours_is_not() -> None:
    one_new = NEW[:, :3]

    assert reference_region_distillation(one_new, OLD).item() == math.inf
    # p = (1/4, 1/4, 1/2): −(1/2)[1/4·log 1/4 + 3/4·log 1/2]
    assert region_specific_distillation(one_new, OLD, IS_NEW).item() == pytest.approx(1.25 * LN2 / 2)


def test_sigmoid_mode_sums_the_means_of_the_old_foreground_classes() -> None:
    # Old class 1 of both pixels: sigmoid(0) = 1/2 against logits 0 and ln 3: ln 2 and ln 4 − ln 3 / 2.
    logits = torch.tensor([[[[9.0, 9.0]], [[0.0, math.log(3)]], [[5.0, 5.0]]]], dtype=torch.float64)
    logits_old = torch.tensor([[[[-4.0, 4.0]], [[0.0, 0.0]]]], dtype=torch.float64)

    loss = distillation(logits, logits_old, torch.zeros(1, 1, 2), mode="sigmoid")

    assert loss.item() == pytest.approx((LN2 + math.log(4) - math.log(3) / 2) / 2)


def test_modes_are_chosen_by_name() -> None:
    assert distillation(NEW, OLD, IS_NEW) == region_specific_distillation(NEW, OLD, IS_NEW)
    assert distillation(NEW, OLD, IS_OLD, rest=False).item() == 0
    assert distillation(NEW, OLD, IS_NEW, mode="unbiased", alpha=2.0) == unbiased_distillation(NEW, OLD, alpha=2.0)


def test_large_logits_stay_finite() -> None:
    loss = region_specific_distillation(1e4 * NEW.float(), 1e4 * OLD.float(), IS_NEW.float())

    assert math.isfinite(loss.item())


def test_step_that_adds_no_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="2 old channels and 2 in all"):
        region_specific_distillation(OLD, OLD, IS_NEW)


LOGITS_OLD = torch.linspace(-1.5, 1.5, 12, dtype=torch.float64).reshape(1, 3, 2, 2)
WEIGHT = torch.tensor([[[0.0, 1.0], [0.25, 0.5]]], dtype=torch.float64)


@pytest.mark.parametrize(
    "loss_of",
    [
        lambda logits: distillation(logits, LOGITS_OLD, WEIGHT),
        lambda logits: distillation(logits, LOGITS_OLD, WEIGHT, rest=False, alpha=2.0),
        lambda logits: distillation(logits, LOGITS_OLD, WEIGHT, mode="unbiased"),
        lambda logits: distillation(logits, LOGITS_OLD, WEIGHT, mode="sigmoid"),
        lambda logits: reference_region_distillation(logits, LOGITS_OLD, WEIGHT),
        lambda logits: sum_of_class_means(sigmoid_distillation(logits[:, 1:3], LOGITS_OLD[:, 1:])),
    ],
    ids=["rskd", "rskd_new_region", "unbiased", "sigmoid", "reference", "sigmoid_maps"],
)
def test_gradients_agree_with_finite_differences(loss_of: Callable[[Tensor], Tensor]) -> None:
    logits = torch.randn(1, 5, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    assert torch.autograd.gradcheck(loss_of, logits.requires_grad_())
