"""Maps made strip by strip against maps of the whole."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.acquisition import upsampling
from core.acquisition.upsampling import map_at_size, strips_at_size


def logits(height: int, width: int) -> torch.Tensor:
    return torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("small", "size"), [((8, 16), (32, 64)), ((7, 5), (26, 19)), ((1, 4), (5, 9)), ((9, 9), (4, 3))]
)
@pytest.mark.parametrize("rows", [1, 3, 100])
def test_strips_together_are_the_interpolated_whole(small: tuple[int, int], size: tuple[int, int], rows: int) -> None:
    whole = F.interpolate(logits(*small), size, mode="bilinear", align_corners=True)

    strips = list(strips_at_size(logits(*small), size, rows))

    assert [strip.shape[2] for strip in strips[:-1]] == [rows] * (len(strips) - 1)
    torch.testing.assert_close(torch.cat(strips, dim=2), whole, atol=1e-5, rtol=0)


def test_corners_are_exactly_those_of_the_logits() -> None:
    small = logits(4, 6)
    (whole,) = strips_at_size(small, (16, 24), 16)

    for row in (0, -1):
        for column in (0, -1):
            assert torch.equal(whole[:, :, row, column], small[:, :, row, column])


def test_logits_of_that_size_are_cut_and_not_changed() -> None:
    assert torch.equal(torch.cat(list(strips_at_size(logits(5, 4), (5, 4), 2)), dim=2), logits(5, 4))


def test_map_does_not_depend_on_the_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = []
    for values in (1, 500, 2**19):
        monkeypatch.setattr(upsampling, "STRIP_VALUES_CPU", values)
        maps.append(map_at_size(lambda strip: strip.amax(dim=1), logits(8, 8), (32, 32)))

    assert maps[0].shape == (2, 32, 32)
    assert torch.equal(maps[0], maps[1])
    assert torch.equal(maps[0], maps[2])
