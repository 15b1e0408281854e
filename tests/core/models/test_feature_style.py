from __future__ import annotations

import pytest
import torch

from core.models.feature_style import Style, restyle, style_of


def test_style_is_mean_and_unbiased_deviation() -> None:
    style = style_of(torch.tensor([1.0, 2.0, 3.0, 6.0]).view(1, 1, 2, 2))

    assert style.mean.item() == 3.0
    assert style.deviation.item() == pytest.approx((14 / 3 + 1e-5) ** 0.5)


def test_a_map_of_one_pixel_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3, 1, 1\) have no variance"):
        style_of(torch.zeros(2, 3, 1, 1))


def test_restyled_map_has_the_mean_and_deviation_that_were_put_on() -> None:
    features = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    wanted = Style(torch.full((2, 3, 1, 1), 5.0), torch.full((2, 3, 1, 1), 2.0))

    found = style_of(restyle(features, style_of(features, 0.0), wanted), 0.0)

    torch.testing.assert_close(found.mean, wanted.mean)
    torch.testing.assert_close(found.deviation, wanted.deviation)
