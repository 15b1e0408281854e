"""Jaccard gradient, Lovász-softmax over class choices and images, and the binary hinge."""

from __future__ import annotations

import torch
from torch import Tensor

from core.losses.lovasz import jaccard_gradient, lovasz_hinge, lovasz_softmax
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def tensors() -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in load_case("eir", "lovasz").items()}


def test_jaccard_gradient_equals_the_recording() -> None:
    case = tensors()
    single = torch.ones(case["grad_single"].shape)

    assert_close(jaccard_gradient(case["gt_sorted"]), case["grad"], TOLERANCE)
    assert_close(jaccard_gradient(torch.zeros_like(case["grad_all_zero"])), case["grad_all_zero"], TOLERANCE)
    assert_close(jaccard_gradient(single), case["grad_single"], TOLERANCE)


def test_softmax_form_equals_the_recording_for_every_choice_of_classes() -> None:
    case = tensors()
    inputs = (case["probas"], case["label"])

    assert_close(lovasz_softmax(*inputs), case["softmax_present_perimage0"], TOLERANCE)
    assert_close(lovasz_softmax(*inputs, per_image=True), case["softmax_present_perimage1"], TOLERANCE)
    assert_close(lovasz_softmax(*inputs, classes="all"), case["softmax_all_perimage0"], TOLERANCE)
    assert_close(lovasz_softmax(*inputs, classes="all", per_image=True), case["softmax_all_perimage1"], TOLERANCE)
    assert_close(lovasz_softmax(*inputs, classes=(1, 2)), case["softmax_subset"], TOLERANCE)


def test_gradient_of_the_softmax_form_equals_the_recording() -> None:
    case = tensors()
    probs = case["probas"].requires_grad_()

    lovasz_softmax(probs, case["label"]).backward()

    assert_close(probs.grad, case["grad_present"], TOLERANCE)


def test_hinge_equals_the_recording_by_image_and_by_batch() -> None:
    case = tensors()
    inputs = (case["bin_logit"], case["bin_label"])

    assert_close(lovasz_hinge(*inputs), case["hinge_perimage"], TOLERANCE)
    assert_close(lovasz_hinge(*inputs, per_image=False), case["hinge_batch"], TOLERANCE)
