from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from core.acquisition.functions import (
    bvsb_map,
    entropy_map,
    exact_entropy,
    least_confidence_map,
    logit_entropy,
    margin_map,
    random_values,
)

MAPS = [entropy_map, least_confidence_map, margin_map, bvsb_map]


def logits_of(*probs: float) -> Tensor:
    """Return logits (1, C, 1, 1) whose softmax is `probs`."""
    return torch.tensor(probs, dtype=torch.float64).log()[None, :, None, None]


def test_values_of_one_half_one_quarter_one_quarter() -> None:
    # H = ½·ln 2 + 2·¼·ln 4 = 1.5 ln 2; 1 − ½; 1 − (½ − ¼); ¼ / ½.
    logits = logits_of(0.5, 0.25, 0.25)

    assert entropy_map(logits).item() == pytest.approx(1.5 * math.log(2) / math.log(3))
    assert least_confidence_map(logits).item() == pytest.approx(0.5)
    assert margin_map(logits).item() == pytest.approx(0.75)
    assert bvsb_map(logits).item() == pytest.approx(0.5)


def test_a_certain_pixel_has_the_value_0_even_with_infinite_logits() -> None:
    logits = logits_of(1, 0, 0)

    assert [value_map(logits).item() for value_map in MAPS] == [0, 0, 0, 0]


def test_a_uniform_pixel_has_the_largest_value() -> None:
    logits = torch.full((1, 4, 1, 1), 7.0)

    assert [value_map(logits).item() for value_map in MAPS] == pytest.approx([1, 0.75, 1, 1])


def test_a_tie_of_the_two_best_is_worth_as_much_as_it_can_be() -> None:
    logits = logits_of(0.4, 0.4, 0.2)

    assert margin_map(logits).item() == pytest.approx(1)
    assert bvsb_map(logits).item() == 1


def test_maps_are_those_of_the_sorted_probabilities() -> None:
    logits = 4 * torch.randn(2, 7, 5, 6, generator=torch.Generator().manual_seed(0))
    probs = logits.softmax(dim=1)
    best, second = probs.topk(2, dim=1).values.unbind(dim=1)

    torch.testing.assert_close(logit_entropy(logits), exact_entropy(probs), atol=1e-6, rtol=0)
    torch.testing.assert_close(least_confidence_map(logits), 1 - best, atol=1e-6, rtol=0)
    torch.testing.assert_close(margin_map(logits), 1 - (best - second), atol=1e-6, rtol=0)
    torch.testing.assert_close(bvsb_map(logits), second / best, atol=1e-6, rtol=0)


@pytest.mark.parametrize("value_map", MAPS)
def test_maps_leave_the_logits_as_they_were(value_map: Callable[[Tensor], Tensor]) -> None:
    logits = torch.randn(1, 4, 3, 3, generator=torch.Generator().manual_seed(0))
    before = logits.clone()

    value_map(logits)

    assert torch.equal(logits, before)


@pytest.mark.parametrize("value_map", MAPS)
def test_one_class_is_refused(value_map: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(ValueError, match=r"1 channel.*at least 2"):
        value_map(torch.zeros(1, 1, 2, 2))


@pytest.mark.parametrize("value_map", MAPS)
def test_no_images_give_no_maps(value_map: Callable[[Tensor], Tensor]) -> None:
    assert value_map(torch.zeros(0, 3, 2, 5)).shape == (0, 2, 5)


def test_random_values_are_those_of_the_generator() -> None:
    first, again, other = (random_values(5, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert ((first >= 0) & (first < 1)).all()
