from __future__ import annotations

import math

import pytest
import torch

from core.methods.css_baselines.plop_pseudo_labels import (
    ExactMedians,
    Medians,
    ReferenceMedians,
    apply_pseudo_labels,
    normalised_entropy,
    reference_entropy,
    thresholds_from,
)

# Two old channels at four pixels: probabilities of channel 1 are 1/2, 0.9, 0.9 and 0.9.
LOGITS_OLD = torch.tensor([[0.0, 0.0, 0.0, 0.0], [0.0, math.log(9), math.log(9), math.log(9)]]).view(1, 2, 2, 2)


def read(medians: Medians, values: torch.Tensor, classes: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """Feed values in two batches, as often as the medians ask for."""
    for number in range(medians.passes):
        for part in (slice(None, 3), slice(3, None)):
            medians.add(values[part], classes[part], counts[part], number)
    return medians.medians()


def test_entropy_is_one_where_nothing_is_known_and_zero_where_all_is() -> None:
    probs = torch.tensor([[0.25, 1.0], [0.25, 0.0], [0.25, 0.0], [0.25, 0.0]]).view(1, 4, 1, 2)

    assert normalised_entropy(probs).flatten().tolist() == pytest.approx([1, 0])
    assert reference_entropy(probs).flatten().tolist() == pytest.approx([1 / 4, 0], abs=1e-6)


def test_exact_median_is_the_middle_value_or_the_mean_of_the_two_middle_ones() -> None:
    values = torch.tensor([0.4, 0.1, 0.3, 0.2, 0.5, 0.9, 0.7])
    classes = torch.tensor([0, 0, 0, 0, 1, 1, 1])
    counts = torch.tensor([True, True, True, True, True, True, False])

    medians = read(ExactMedians(3), values, classes, counts)

    torch.testing.assert_close(medians, torch.tensor([(0.2 + 0.3) / 2, (0.5 + 0.9) / 2, 0.0]))


def test_exact_medians_of_many_values_are_those_of_sorting() -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(999, generator=generator) ** 4
    classes = torch.randint(0, 3, (999,), generator=generator)

    medians = read(ExactMedians(3), values, classes, torch.ones(999, dtype=torch.bool))

    assert medians.tolist() == [pytest.approx(values[classes == c].quantile(0.5).item(), abs=1e-7) for c in range(3)]


def test_reference_median_compares_half_the_count_with_sums_of_bin_numbers() -> None:
    # Six values in bin 3, whose "running sum" is 0 + 1 + 2: half of them, 3, are inside, 0 of 6 after the border.
    values, classes = torch.full((6,), 0.035), torch.zeros(6, dtype=torch.int64)

    medians = read(ReferenceMedians(2), values, classes, torch.ones(6, dtype=torch.bool))

    assert medians.tolist() == pytest.approx([0.03, 0])


def test_thresholds_are_finite_and_never_below_the_least() -> None:
    found = thresholds_from(torch.tensor([0.5, 0.0, torch.nan, torch.inf]))

    assert found[:3].tolist() == pytest.approx([0.5, 0.001, 0.001])
    assert torch.isfinite(found).all()


def test_certain_background_takes_the_old_class_and_uncertain_is_ignored() -> None:
    labels = torch.tensor([[[0, 0], [2, 255]]])

    found = apply_pseudo_labels(labels, LOGITS_OLD, torch.tensor([0.6, 0.6]), num_channels=3)

    # Entropies: 1 at the first pixel, 0.469 elsewhere. New classes and ignored pixels stay; half of the background
    # was accepted.
    assert found.labels.tolist() == [[[255, 1], [2, 255]]]
    assert found.factors.tolist() == [0.5]


def test_entropy_equal_to_the_threshold_is_rejected() -> None:
    labels = torch.zeros(1, 2, 2, dtype=torch.int64)
    entropy = normalised_entropy(LOGITS_OLD.softmax(dim=1))[0, 0, 1]

    found = apply_pseudo_labels(labels, LOGITS_OLD, entropy.expand(2), num_channels=3)

    assert found.labels.unique().tolist() == [255]


def test_image_without_background_has_the_factor_zero() -> None:
    labels = torch.full((1, 2, 2), 2)

    for compat in (False, True):
        found = apply_pseudo_labels(labels, LOGITS_OLD, torch.ones(2), num_channels=3, code_compat=compat)
        assert found.factors.tolist() == [0]
        assert torch.equal(found.labels, labels)
