from __future__ import annotations

import pytest
import torch

from core.acquisition.coreset import k_centre_greedy


def line(*positions: float) -> torch.Tensor:
    return torch.tensor(positions)[:, None]


def flags(*values: int) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.bool)


def test_the_farthest_from_all_centres_is_next() -> None:
    # From 0: distances 1, 4, 10 -> picks 10; then 1 and 4 are 1 and 4 away from 0 -> picks 4; left is 1, at distance 1.
    chosen = k_centre_greedy(line(0, 1, 4, 10), flags(1, 0, 0, 0), 2)

    assert chosen.indices.tolist() == [3, 2]
    assert chosen.cover_radius.item() == 1


def test_without_labelled_images_the_first_is_the_one_nearest_to_the_mean() -> None:
    # Mean 4: the nearest is 5; farthest from it is 0.
    assert k_centre_greedy(line(0, 5, 2, 9), flags(0, 0, 0, 0), 2).indices.tolist() == [1, 0]


def test_ties_and_identical_images_go_to_the_lower_index_and_no_image_is_picked_twice() -> None:
    chosen = k_centre_greedy(line(3, 3, 3, 3), flags(0, 1, 0, 0), 3)

    assert chosen.indices.tolist() == [0, 2, 3]
    assert chosen.cover_radius.item() == 0


def test_equal_distances_of_different_images_go_to_the_lower_index() -> None:
    # −4 and 4 are both 4 away from the centre, and both nearest to the mean when there is none.
    assert k_centre_greedy(line(4, 0, -4), flags(0, 1, 0), 2).indices.tolist() == [0, 2]
    assert k_centre_greedy(line(4, -4), flags(0, 0), 1).indices.tolist() == [0]


def test_it_stops_when_all_are_labelled() -> None:
    assert k_centre_greedy(line(0, 1, 2), flags(1, 0, 1), 9).indices.tolist() == [1]


def test_nothing_is_picked_from_nothing_or_for_nothing() -> None:
    assert k_centre_greedy(torch.zeros(0, 4), flags(), 3).indices.tolist() == []
    assert k_centre_greedy(line(0, 6), flags(1, 0), 0).cover_radius.item() == 6


def test_wrong_shapes_and_budgets_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \(N, D\) and \(N,\)"):
        k_centre_greedy(torch.zeros(3, 2), flags(1, 0), 1)
    with pytest.raises(ValueError, match="cannot be negative"):
        k_centre_greedy(line(0, 1), flags(1, 0), -1)
