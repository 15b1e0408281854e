from __future__ import annotations

import pytest
import torch

from core.losses.lovasz import jaccard_gradient, lovasz_hinge, lovasz_softmax

FOUR_PIXELS = torch.tensor([[[0, 0], [1, 255]]])
# Probability of class 1 at the four pixels; the last pixel is ignored.
PROBS = torch.tensor([0.4, 0.1, 0.7, 0.9]).view(1, 1, 2, 2)


def two_classes() -> torch.Tensor:
    return torch.cat([1 - PROBS, PROBS], dim=1)


def test_jaccard_gradient_adds_up_to_the_loss_of_a_wrong_segmentation() -> None:
    foreground = torch.tensor([0.0, 1.0, 0.0, 1.0])

    gradient = jaccard_gradient(foreground)

    # J after each pixel: 1 − 2/3, 1 − 1/3, 1 − 1/4, 1 − 0/4.
    torch.testing.assert_close(gradient.cumsum(dim=0), torch.tensor([1 / 3, 2 / 3, 3 / 4, 1.0]))


def test_softmax_form_is_the_sorted_errors_times_the_gradient() -> None:
    # Class 1: errors 0.4 (bg), 0.3 (fg), 0.1 (bg); J = 1/2, 1, 1 -> 0.4·1/2 + 0.3·1/2.
    class_1 = 0.35
    # Class 0: errors 0.4 (fg), 0.3 (bg), 0.1 (fg); J = 1/2, 2/3, 1 -> 0.4/2 + 0.3/6 + 0.1/3.
    class_0 = 0.4 / 2 + 0.3 / 6 + 0.1 / 3

    assert lovasz_softmax(two_classes(), FOUR_PIXELS, classes=(1,)).item() == pytest.approx(class_1)
    assert lovasz_softmax(two_classes(), FOUR_PIXELS).item() == pytest.approx((class_0 + class_1) / 2)


def test_absent_class_counts_among_all_and_not_among_the_present() -> None:
    probs = torch.cat([two_classes(), torch.full((1, 1, 2, 2), 0.2)], dim=1)

    present, everything = (lovasz_softmax(probs, FOUR_PIXELS, classes=which) for which in ("present", "all"))

    # The absent class costs its largest error.
    assert everything.item() == pytest.approx((2 * present.item() + 0.2) / 3)


def test_ignored_pixels_alone_cost_nothing_and_send_no_gradient() -> None:
    probs = two_classes().requires_grad_()
    ignored = torch.full_like(FOUR_PIXELS, 255)

    loss = lovasz_softmax(probs, ignored) + lovasz_softmax(probs, ignored, "all") + lovasz_hinge(probs[:, 1], ignored)
    loss.backward()

    assert loss.item() == 0
    assert torch.equal(probs.grad, torch.zeros_like(probs))


def test_hinge_counts_margins_that_are_too_small() -> None:
    logits = torch.tensor([[[-2.0, 0.5], [0.25, 9.0]]])

    # Errors −1 (bg), 1.5 (bg), 0.75 (fg): sorted 1.5, 0.75, −1 with J = 1/2, 1.
    assert lovasz_hinge(logits, FOUR_PIXELS).item() == pytest.approx(1.5 / 2 + 0.75 / 2)


def test_gradient_of_both_forms_is_that_of_finite_differences() -> None:
    generator = torch.Generator().manual_seed(0)
    probs = torch.rand(2, 3, 3, 4, generator=generator, dtype=torch.float64).requires_grad_()
    labels = torch.randint(0, 2, (2, 3, 4), generator=generator)

    assert torch.autograd.gradcheck(lambda x: lovasz_softmax(x, labels, per_image=True), probs)
    assert torch.autograd.gradcheck(lambda x: lovasz_hinge(x[:, 0], labels, per_image=False), probs)
