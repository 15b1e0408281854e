from __future__ import annotations

import numpy as np
import pytest
import torch

from core.methods.eir.style import StyleMix, draw_style_mix, match_style, mix_styles
from core.models.feature_style import style_of


def images(seed: int, count: int = 4) -> torch.Tensor:
    return torch.randn(count, 3, 6, 5, generator=torch.Generator().manual_seed(seed)) * (seed + 1) + seed


def test_matched_image_has_the_mean_and_deviation_of_its_host() -> None:
    image, host = images(0, 1), images(3, 1)

    matched = style_of(match_style(image, image, host))

    torch.testing.assert_close(matched.mean, style_of(host).mean, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(matched.deviation, style_of(host).deviation, atol=1e-4, rtol=1e-4)


def test_style_of_one_keeps_the_image_and_style_of_zero_takes_the_partners() -> None:
    batch, partners = images(0), torch.tensor([1, 0, 3, 2])

    kept = mix_styles(batch, StyleMix(torch.ones(4, 1, 1, 1), partners))
    taken = mix_styles(batch, StyleMix(torch.zeros(4, 1, 1, 1), partners))

    torch.testing.assert_close(kept, batch)
    torch.testing.assert_close(style_of(taken).mean, style_of(batch).mean[partners])


@pytest.mark.parametrize("count", [4, 5])
def test_partners_of_the_other_half_are_a_permutation(count: int) -> None:
    drawn = [draw_style_mix(count, "crossdomain", np.random.default_rng(seed)) for seed in range(20)]
    mixes = [mix for mix in drawn if mix is not None]

    half = count // 2
    assert mixes
    for mix in mixes:
        assert sorted(mix.partners.tolist()) == list(range(count))
        assert set(mix.partners[: count - half].tolist()) == set(range(half, count))
        assert mix.lam.shape == (count, 1, 1, 1)


def test_half_of_the_batches_stay_as_they_are() -> None:
    drawn = [draw_style_mix(2, "random", np.random.default_rng(seed)) for seed in range(400)]

    assert 160 < sum(mix is None for mix in drawn) < 240
