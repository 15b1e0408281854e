from __future__ import annotations

import math

import pytest
import torch

from core.methods.eir.feature_losses import (
    Prototypes,
    class_sums,
    feature_clustering,
    feature_separation,
    intra_class,
)

# Two channels at four pixels, whose classes are 1, 1, 2 and ignored.
FEATURES = torch.tensor([[1.0, 3.0, 0.0, 7.0], [0.0, 0.0, 2.0, 7.0]]).view(1, 2, 2, 2)
LABELS = torch.tensor([[[1, 1], [2, 255]]])
NOTHING = torch.tensor([[[0, 0], [0, 255]]])


def test_sums_leave_background_and_ignored_pixels_out() -> None:
    found = class_sums(FEATURES, torch.tensor([[[0, 1], [2, 255]]]), 3)

    assert found.counts.tolist() == [0, 1, 1]
    assert found.sums.tolist() == [[0, 0], [3, 0], [0, 2]]


def test_prototype_is_the_mean_of_all_pixels_so_far() -> None:
    prototypes = Prototypes(3, 2)

    prototypes.update(FEATURES, LABELS)
    prototypes.update(FEATURES, torch.tensor([[[0, 0], [1, 0]]]))

    # Class 1 saw (1, 0), (3, 0) and (0, 2).
    torch.testing.assert_close(prototypes.means, torch.tensor([[0, 0], [4 / 3, 2 / 3], [0, 2]]))
    assert prototypes.counts.tolist() == [0, 3, 1]


def test_prototypes_survive_a_checkpoint_bit_by_bit() -> None:
    prototypes, restored = Prototypes(3, 2), Prototypes(3, 2)
    prototypes.update(FEATURES / 3, LABELS)

    restored.restore(prototypes.state())

    assert torch.equal(restored.means, prototypes.means)
    assert torch.equal(restored.counts, prototypes.counts)


def test_clustering_is_the_mean_over_classes_of_the_squared_distance() -> None:
    prototypes = torch.tensor([[9.0, 9.0], [1.0, 0.0], [0.0, 0.0]])

    # Class 1: (0 + 4/2)/2 over two pixels of two channels; class 2: 4/2.
    assert feature_clustering(FEATURES, LABELS, prototypes).item() == pytest.approx((1 + 2) / 2)


def test_separation_is_the_hinge_on_the_cosine_distance() -> None:
    # Class means (2, 0) and (0, 2) are orthogonal: D = 1 off the diagonal, 2 on it.
    assert feature_separation(FEATURES, LABELS, 5).item() == pytest.approx((1 + 1) / 4)
    assert feature_separation(FEATURES, LABELS, 5, margin=1.0).item() == 0


def test_offsets_from_the_class_mean_are_compared_with_those_of_the_old_model() -> None:
    old_says = torch.tensor([[[1, 1], [1, 1]]])
    logits_old = torch.nn.functional.one_hot(old_says, 2).movedim(-1, 1).float()

    # Label 2 is new and 255 ignored, so class 1 has the offsets (−1, 0) and (1, 0); those of the old model are 0.
    loss = intra_class(FEATURES, torch.zeros_like(FEATURES), LABELS, logits_old, num_old=2)

    assert loss.item() == pytest.approx((1 + 1) / 2)


def test_batch_without_classes_costs_nothing_and_sends_no_gradient() -> None:
    features = FEATURES.clone().requires_grad_()
    logits_old = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)

    loss = (
        feature_clustering(features, NOTHING, torch.ones(3, 2))
        + feature_separation(features, NOTHING, 3)
        + intra_class(features, FEATURES, NOTHING, logits_old, num_old=2)
    )
    loss.backward()

    assert loss.item() == 0
    assert torch.equal(features.grad, torch.zeros_like(features))


def test_gradients_are_those_of_finite_differences() -> None:
    features = FEATURES.double().requires_grad_()
    prototypes = torch.full((3, 2), 0.5, dtype=torch.float64)

    assert torch.autograd.gradcheck(lambda x: feature_clustering(x, LABELS, prototypes), features)
    assert torch.autograd.gradcheck(lambda x: feature_separation(x, LABELS, 3, margin=1.5), features)


def test_means_of_the_intra_class_loss_are_detached() -> None:
    features = FEATURES.clone().requires_grad_()
    logits_old = torch.tensor([0.0, 1.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)

    intra_class(features, torch.zeros_like(FEATURES), LABELS, logits_old, num_old=2).backward()

    # d/df of (f − m)²/2 with m fixed is f − m.
    assert features.grad[0, 0].tolist() == [[-1, 1], [0, 0]]
    assert math.isclose(float(features.grad.abs().sum()), 2)
