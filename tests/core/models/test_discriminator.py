"""The discriminator's sizes."""

from __future__ import annotations

import pytest
import torch

from core.models.discriminator import Discriminator


@pytest.mark.parametrize(("size", "expected"), [((32, 48), (2, 3)), ((33, 17), (3, 2)), ((3, 5), (1, 1))])
def test_each_side_is_halved_four_times_and_rounded_up(size: tuple[int, int], expected: tuple[int, int]) -> None:
    verdict = Discriminator(in_channels=5, width=2)(torch.zeros(1, 5, *size))

    assert verdict.shape == (1, 1, *expected)
