from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from core.methods.coast.losses import (
    RectifyMode,
    TargetLogits,
    TargetLossOptions,
    agnostic_distillation,
    agreement_weight,
    disagreement,
    source_loss,
    target_terms,
)

IGNORED = 255
LN_2 = math.log(2)
SURE = math.log(3)
"""Logit of class 1 over class 0 for the probabilities 1/4 and 3/4."""


def pixel(logit: float) -> Tensor:
    """Return (1, 2, 1, 1) logits of one pixel."""
    return torch.tensor([0.0, logit]).view(1, 2, 1, 1)


def noise(seed: int, images: int = 2) -> Tensor:
    return torch.randn(images, 3, 2, 4, generator=torch.Generator().manual_seed(seed))


def views(images: int = 2, others: int = 2) -> TargetLogits:
    """Return logits that collect gradients."""
    specific, agnostic, *stylised = (noise(seed, images).requires_grad_() for seed in range(2 + others))
    return TargetLogits(specific, agnostic, stylised)


def labels(images: int = 2) -> Tensor:
    drawn = torch.randint(0, 3, (images, 2, 4), generator=torch.Generator().manual_seed(9))
    drawn[:, 0, 1] = IGNORED
    return drawn


def test_disagreement_is_the_divergence_from_the_fixed_classifier() -> None:
    specific, stylised = pixel(SURE).requires_grad_(), pixel(0.0).requires_grad_()

    found = disagreement(specific, stylised)
    found.sum().backward()

    # q = (1/4, 3/4), p = (1/2, 1/2).
    assert found.item() == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5))
    assert specific.grad is None
    assert stylised.grad is not None
    assert stylised.grad.flatten().tolist() == pytest.approx([0.25, -0.25])


def test_weight_is_the_mean_of_the_others_and_one_without_others() -> None:
    apart = [torch.full((1, 1, 1), value) for value in (0.0, LN_2)]

    assert agreement_weight(apart, 1.0, like=pixel(0)).item() == pytest.approx(0.75)
    assert agreement_weight(apart, 2.0, like=pixel(0)).item() == pytest.approx(0.625)
    assert agreement_weight([], 1.0, like=pixel(0)).tolist() == [[[1.0]]]


def test_terms_of_one_pixel_by_hand() -> None:
    logits = TargetLogits(pixel(SURE), pixel(0.0), [pixel(0.0)])
    apart = 0.25 * math.log(0.5) + 0.75 * math.log(1.5)
    weight = math.exp(-apart)

    found = target_terms(logits, torch.ones(1, 1, 1, dtype=torch.long), TargetLossOptions())

    assert found.pseudo_label.item() == pytest.approx(weight * -math.log(0.75), rel=1e-5)
    assert found.consistency.item() == pytest.approx(weight * LN_2 + apart, rel=1e-5)
    # Two targets, two classes: a quarter of the sum over classes.
    assert found.distillation.item() == pytest.approx(apart / 4, rel=1e-5)
    assert found.total(0.5).item() == pytest.approx(
        found.pseudo_label.item() + found.distillation.item() + 0.5 * found.consistency.item()
    )


@pytest.mark.parametrize("mode", ["pixel", "reference"])
def test_without_a_labelled_pixel_only_the_distillation_is_left(mode: RectifyMode) -> None:
    logits = views()

    found = target_terms(logits, torch.full_like(labels(), IGNORED), TargetLossOptions(mode=mode))
    found.total(1.0).backward()

    assert found.pseudo_label.item() == 0
    assert found.consistency.item() == 0
    assert found.distillation.item() > 0
    assert [one.grad.abs().sum().item() for one in logits.stylised if one.grad is not None] == [0.0, 0.0]


@pytest.mark.parametrize("mode", ["pixel", "reference"])
def test_a_single_target_is_plain_self_training(mode: RectifyMode) -> None:
    logits = views(images=1, others=0)

    found = target_terms(logits, labels(1), TargetLossOptions(mode=mode))

    assert found.consistency.item() == 0
    assert found.pseudo_label.item() == pytest.approx(
        torch.nn.functional.cross_entropy(logits.specific, labels(1), ignore_index=IGNORED).item()
    )


def test_modes_agree_on_one_image_that_is_not_rectified() -> None:
    pixel_mode = TargetLossOptions(is_rectified=False)
    logits = views(images=1)

    for found, expected in zip(
        target_terms(logits, labels(1), pixel_mode),
        target_terms(logits, labels(1), replace(pixel_mode, mode="reference")),
        strict=True,
    ):
        torch.testing.assert_close(found, expected)


def test_reference_mode_grows_with_the_batch_where_pixel_mode_does_not() -> None:
    once, target = views(images=1), labels(1)
    twice = TargetLogits(*(torch.cat([one, one]) for one in once[:2]), [torch.cat([one, one]) for one in once.stylised])

    def consistency(logits: TargetLogits, of: Tensor, mode: RectifyMode) -> float:
        return target_terms(logits, of, TargetLossOptions(mode=mode)).consistency.item()

    both = torch.cat([target, target])
    assert consistency(twice, both, "pixel") == pytest.approx(consistency(once, target, "pixel"))
    assert consistency(twice, both, "reference") == pytest.approx(2 * consistency(once, target, "reference"))


def test_each_option_changes_the_terms_by_itself() -> None:
    plain = TargetLossOptions()
    options = [
        plain,
        replace(plain, is_rectified=False),
        replace(plain, gamma=2.0),
        replace(plain, mode="reference"),
        replace(plain, distillation="pixel"),
        replace(plain, weight=4.0),
    ]

    found = [tuple(term.item() for term in target_terms(views(), labels(), one)) for one in options]

    assert all(first != second for first, second in pairwise(found))
    assert len(set(found)) == len(options)


def test_weight_of_the_target_loss_leaves_the_distillation_alone() -> None:
    plain, heavy = (target_terms(views(), labels(), TargetLossOptions(weight=weight)) for weight in (1.0, 4.0))

    torch.testing.assert_close(heavy.pseudo_label, 4 * plain.pseudo_label)
    torch.testing.assert_close(heavy.consistency, 4 * plain.consistency)
    torch.testing.assert_close(heavy.distillation, plain.distillation)


def test_distillation_summed_over_classes_is_that_many_times_larger() -> None:
    logits = views()

    torch.testing.assert_close(agnostic_distillation(logits, "pixel"), 3 * agnostic_distillation(logits))


def test_distillation_teaches_the_agnostic_classifier_alone() -> None:
    logits = views()

    agnostic_distillation(logits).backward()

    assert logits.specific.grad is None
    assert logits.agnostic.grad is not None


@pytest.mark.parametrize("mode", ["pixel", "reference"])
def test_gradients_equal_finite_differences(mode: RectifyMode) -> None:
    given = [noise(seed).double() for seed in range(4)]
    # What is held fixed inside the loss is not among the inputs that are moved.
    moved = [one.requires_grad_() for one in given[1:]]

    def loss(agnostic: Tensor, *stylised: Tensor) -> Tensor:
        options = TargetLossOptions(is_rectified=False, mode=mode)
        return target_terms(TargetLogits(given[0], agnostic, stylised), labels(), options).total(0.7)

    assert torch.autograd.gradcheck(loss, moved)


def test_loss_of_the_source_is_a_sum_and_nothing_for_an_ignored_crop() -> None:
    even = torch.zeros(1, 2, 2, 2, requires_grad=True)
    labelled = torch.ones(1, 4, 4, dtype=torch.long)

    assert source_loss([even, even, even], labelled).item() == pytest.approx(3 * LN_2)
    nothing = source_loss([even], torch.full_like(labelled, IGNORED))
    nothing.backward()
    assert nothing.item() == 0
    assert even.grad is not None
    assert even.grad.abs().sum() == 0
