from __future__ import annotations

import pytest
import torch

from core.acquisition.aggregation import AGGREGATIONS, has_valid, tile, valid_mean, valid_sum, valid_top_mean
from core.acquisition.catalog import AggregationName

MAPS = torch.tensor([[[1.0, 2.0], [3.0, 6.0]], [[5.0, torch.nan], [7.0, 9.0]], [[4.0, 4.0], [4.0, 4.0]]])
VALID = torch.tensor([[[True, True], [True, True]], [[True, False], [True, False]], [[False, False], [False, False]]])


def test_only_valid_pixels_count_and_none_give_0() -> None:
    assert valid_sum(MAPS, VALID).tolist() == [12, 12, 0]
    assert valid_mean(MAPS, VALID).tolist() == [3, 6, 0]
    assert has_valid(VALID).tolist() == [True, True, False]


@pytest.mark.parametrize(("fraction", "expected"), [(0.25, [6, 7, 0]), (0.3, [4.5, 7, 0]), (1, [3, 6, 0])])
def test_the_top_is_rounded_up_to_whole_pixels(fraction: float, expected: list[float]) -> None:
    # Of 4 values ⌈0.25·4⌉ = 1 and ⌈0.3·4⌉ = 2 count; of 2 values 1.
    assert valid_top_mean(MAPS, VALID, fraction).tolist() == expected


@pytest.mark.parametrize("fraction", [0, -0.1, 1.5])
def test_a_share_outside_its_range_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="over 0 and at most 1"):
        valid_top_mean(MAPS, VALID, fraction)


def test_a_map_without_pixels_has_the_value_0() -> None:
    empty = torch.zeros(1, 0, 3)

    assert [aggregate(empty, empty.bool()).tolist() for aggregate in AGGREGATIONS.values()] == [[0], [0], [0]]


def test_every_aggregation_has_its_function() -> None:
    assert set(AGGREGATIONS) == set(AggregationName)


def test_tiles_go_row_by_row_and_end_with_the_image() -> None:
    maps = torch.arange(6.0).reshape(1, 2, 3)

    regions, valid = tile(maps, torch.ones(1, 2, 3, dtype=torch.bool), side_px=2)

    assert valid_sum(regions, valid).tolist() == [[0 + 1 + 3 + 4, 2 + 5]]
    assert valid.sum(dim=(-2, -1)).tolist() == [[4, 2]]


def test_a_tile_larger_than_the_image_is_the_image() -> None:
    regions, valid = tile(MAPS[:1], VALID[:1], side_px=5)

    assert regions.shape == (1, 1, 5, 5)
    assert valid_mean(regions, valid).tolist() == [[3]]


def test_a_tile_of_no_width_is_refused() -> None:
    with pytest.raises(ValueError, match="side of a region is 0 px"):
        tile(MAPS, VALID, side_px=0)
