"""The penalty of EWC, and its importance."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.losses.elastic import FisherRule, combined_importance, elastic_penalty, mean_squared_gradients


def test_the_penalty_weighs_squares_by_importance() -> None:
    weights, anchors = {"w": torch.tensor([1.0, 3.0])}, {"w": torch.tensor([0.0, 1.0])}

    assert float(elastic_penalty(weights, anchors, {"w": torch.tensor([2.0, 0.5])})) == 2 * 1 + 0.5 * 4


def test_importance_is_the_mean_of_squared_gradients_of_batches() -> None:
    weight, unused = nn.Parameter(torch.tensor([1.0])), nn.Parameter(torch.tensor([1.0]))
    losses = ((factor * weight).sum() for factor in (1.0, 3.0))

    fisher = mean_squared_gradients(losses, {"weight": weight, "unused": unused})

    assert fisher["weight"].tolist() == [(1 + 9) / 2]
    assert fisher["unused"].tolist() == [0]


def test_nothing_to_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one batch"):
        mean_squared_gradients(iter(()), {})
    with pytest.raises(ValueError, match="nothing to stay near"):
        elastic_penalty({}, {}, {})


@pytest.mark.parametrize(("rule", "expected"), [("last", 1.0), ("sum", 3.0), ("online", 2.0)])
def test_importance_of_earlier_steps_counts_by_the_rule(rule: FisherRule, expected: float) -> None:
    before, own = {"old": torch.tensor(2.0)}, {"old": torch.tensor(1.0), "new": torch.tensor(5.0)}

    found = combined_importance(before, own, rule, decay=0.5)

    assert found["old"].item() == expected
    assert found["new"].item() == 5
