from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from core.methods.stal.losses import (
    consistency_loss,
    mean_cross_entropy,
    ohem_cross_entropy,
    reliable_labels,
    reverse_cross_entropy,
    sampling_rate,
    u2pl_loss,
    weighted_cross_entropy,
)

LOGITS = torch.tensor([[0.0, 0.0], [math.log(3.0), 0.0]]).reshape(1, 2, 1, 2)
"""Two pixels: probabilities (1/4, 3/4) and (1/2, 1/2)."""
LABELS = torch.tensor([[[1, 0]]])
IGNORED = torch.full((1, 1, 2), 255)


def test_only_pixels_up_to_the_threshold_are_kept() -> None:
    # Own probabilities are 3/4 and 1/2; with one pixel to be kept at least, 0.7 keeps the second.
    loss = ohem_cross_entropy(LOGITS, LABELS, thresh=0.7, min_kept=1)
    assert float(loss) == pytest.approx(math.log(2))


def test_more_pixels_are_kept_where_too_few_are_hard() -> None:
    loss = ohem_cross_entropy(LOGITS, LABELS, thresh=0.1, min_kept=2)
    assert float(loss) == pytest.approx((math.log(2) + math.log(4 / 3)) / 2)


def test_all_pixels_count_without_mining_and_where_more_are_asked_for_than_there_are() -> None:
    mean = (math.log(2) + math.log(4 / 3)) / 2
    assert float(ohem_cross_entropy(LOGITS, LABELS, min_kept=0)) == pytest.approx(mean)
    assert float(ohem_cross_entropy(LOGITS, LABELS, min_kept=10)) == pytest.approx(mean)


def test_class_weights_make_a_weighted_mean() -> None:
    loss = ohem_cross_entropy(LOGITS, LABELS, min_kept=0, class_weight=torch.tensor([1.0, 3.0]))
    assert float(loss) == pytest.approx((math.log(2) + 3 * math.log(4 / 3)) / 4)


def test_rare_classes_are_counted_once_more() -> None:
    loss = weighted_cross_entropy(LOGITS, LABELS, torch.tensor([1.0, 0.0]))
    assert float(loss) == pytest.approx((math.log(2) + math.log(4 / 3)) / 2 + math.log(2))


@pytest.mark.parametrize(
    "loss",
    [
        lambda logits: ohem_cross_entropy(logits, IGNORED, min_kept=1),
        lambda logits: weighted_cross_entropy(logits, IGNORED, torch.ones(2)),
        lambda logits: consistency_loss(logits, IGNORED, torch.ones(1, 1, 2)),
        lambda logits: reverse_cross_entropy(logits, IGNORED),
        lambda logits: u2pl_loss(logits, IGNORED),
    ],
)
def test_a_batch_without_labels_gives_no_loss_and_no_gradient(loss: object) -> None:
    logits = LOGITS.clone().requires_grad_()
    value: Tensor = loss(logits)  # type: ignore[operator]
    value.backward()  # type: ignore[no-untyped-call]
    assert float(value.detach()) == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_confident_pixels_weigh_more() -> None:
    loss = consistency_loss(LOGITS, LABELS, torch.tensor([[[0.5, 1.0]]]), gamma=2)
    assert float(loss) == pytest.approx(0.2 * math.log(4 / 3) + 0.8 * math.log(2))


def test_a_class_takes_part_as_often_as_its_rate_says() -> None:
    # The student sees class 1 and, on the tie, class 0; a rate of 0 leaves class 1 out whatever is drawn.
    draws = torch.full((1, 1, 2), 0.5)
    loss = consistency_loss(LOGITS, LABELS, torch.ones(1, 1, 2), rate=torch.tensor([1.0, 0.0]), draws=draws)
    assert float(loss) == pytest.approx(math.log(2))


def test_rate_and_draws_belong_together() -> None:
    with pytest.raises(ValueError, match="both"):
        consistency_loss(LOGITS, LABELS, torch.ones(1, 1, 2), rate=torch.ones(2))


def test_the_least_known_class_always_takes_part() -> None:
    assert torch.allclose(sampling_rate(torch.tensor([0.2, 0.6])), torch.tensor([1.0, 0.5]))


def test_reverse_cross_entropy_counts_what_is_not_given_to_the_label() -> None:
    expected = math.log(1e4) * (1 / 4 + 1 / 2) / 2
    assert float(reverse_cross_entropy(LOGITS, LABELS)) == pytest.approx(expected)


def test_the_most_uncertain_pixels_lose_their_label() -> None:
    labels = torch.tensor([[[0, 1, 1, 255]]])
    entropy = torch.tensor([[[0.1, 0.2, 0.3, 9.0]]])
    assert reliable_labels(labels, entropy, 100).tolist() == [[[0, 1, 255, 255]]]
    assert reliable_labels(labels, entropy, 50).tolist() == [[[0, 255, 255, 255]]]


def test_a_class_of_weight_zero_takes_no_part_in_the_mean() -> None:
    logits = torch.tensor([[2.0, 0.0], [0.0, 0.0], [1.0, 3.0]]).T.reshape(1, 2, 1, 3)
    labels = torch.tensor([[[0, 1, 1]]])

    kept = mean_cross_entropy(logits, labels, torch.tensor([0.0, 1.0]))

    assert kept.item() == pytest.approx((math.log(2) + math.log(1 + math.exp(-2))) / 2, rel=1e-5)
    assert mean_cross_entropy(logits, labels, torch.zeros(2)).item() == 0
