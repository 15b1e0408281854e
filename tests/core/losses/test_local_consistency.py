from __future__ import annotations

import math

import pytest
import torch

from core.losses.local_consistency import Discrepancy, label_boundary, local_consistency, local_discrepancy

STEP = torch.tensor([[[[200.0, 200.0, -200.0]], [[-200.0, -200.0, 200.0]]]], dtype=torch.float64)


def test_pixels_beside_a_step_differ_from_their_neighbourhood() -> None:
    # p of class 0 is 1, 1, 0; with the border repeated its means are 1, ⅔, ⅓. L1 counts both classes.
    assert local_discrepancy(STEP.softmax(dim=1))[0, 0].tolist() == pytest.approx([0, 2 / 3, 2 / 3])
    # KL of pixel 1: 1·ln(1 / (⅔ + 1e-6) + 1e-6).
    assert local_discrepancy(STEP.softmax(dim=1), "kl")[0, 0, 1].item() == pytest.approx(math.log(1.5), abs=1e-5)


def test_the_mean_goes_over_labelled_boundary_pixels() -> None:
    # Boundary: pixel 1 (its neighbour is 255) and pixel 2, which is ignored; pixel 0 sees only zeros.
    labels = torch.tensor([[[0, 0, 255]]])

    assert local_consistency(STEP, labels).item() == pytest.approx(2 / 3)


def test_the_border_of_the_image_bounds_every_class_but_0() -> None:
    labels = torch.stack([torch.zeros(3, 3), torch.full((3, 3), 2)]).long()

    assert label_boundary(labels).int().tolist() == [[[0, 0, 0]] * 3, [[1, 1, 1], [1, 0, 1], [1, 1, 1]]]


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("form", ["l1", "kl"])
def test_no_labelled_boundary_gives_0_with_zero_gradient(form: Discrepancy, value: int) -> None:
    logits = torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()

    loss = local_consistency(logits, torch.full((1, 4, 4), value), form)
    loss.backward()

    assert loss.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


@pytest.mark.parametrize("form", ["l1", "kl"])
def test_gradient_equals_finite_differences(form: Discrepancy) -> None:
    generator = torch.Generator().manual_seed(2)
    logits = torch.randn(1, 3, 3, 4, generator=generator, dtype=torch.float64).requires_grad_()
    labels = torch.randint(3, (1, 3, 4), generator=generator)

    assert torch.autograd.gradcheck(lambda given: local_consistency(given, labels, form), (logits,))
