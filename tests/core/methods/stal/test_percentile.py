from __future__ import annotations

import numpy as np
import pytest
import torch

from core.methods.stal.percentile import percentile


@pytest.mark.parametrize("percent", [0, 20, 37.5, 80, 100])
def test_the_percentile_is_numpys(percent: float) -> None:
    values = torch.randn(3, 7, 5, generator=torch.Generator().manual_seed(0))
    assert float(percentile(values, percent)) == pytest.approx(float(np.percentile(values.numpy(), percent)), abs=1e-6)


def test_values_that_do_not_count_change_nothing() -> None:
    values = torch.tensor([1.0, 100.0, 2.0, -50.0, 3.0])
    valid = torch.tensor([True, False, True, False, True])
    assert float(percentile(values, 50, valid)) == 2.0
    assert float(percentile(values, 100, valid)) == 3.0


def test_nothing_is_at_or_above_the_percentile_of_no_values() -> None:
    values = torch.tensor([1.0, 2.0])
    assert not (values >= percentile(values, 20, torch.zeros(2, dtype=torch.bool))).any()


def test_a_share_outside_its_range_and_an_empty_map_are_refused() -> None:
    with pytest.raises(ValueError, match="percent is 101"):
        percentile(torch.ones(3), 101)
    with pytest.raises(ValueError, match="no values"):
        percentile(torch.ones(0), 50)
