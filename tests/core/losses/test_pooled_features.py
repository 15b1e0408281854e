from __future__ import annotations

import math

import pytest
import torch

from core.losses.pooled_features import local_pod, local_pod_embedding, merge_new_into_background, pod_loss

SQUARE = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 1, 2, 2)


def test_embedding_has_means_over_columns_then_over_rows_of_the_squares() -> None:
    # Squares 1 4 / 9 16. Scale 1: rows 2.5, 12.5; columns 5, 10. Scale 2: each pixel twice.
    expected = [2.5, 12.5, 5, 10, 1, 1, 4, 4, 9, 9, 16, 16]

    assert local_pod_embedding(SQUARE, scales=(1, 2))[0].tolist() == expected


def test_pixels_beyond_the_last_block_are_left_out() -> None:
    wider = torch.nn.functional.pad(SQUARE, (0, 1, 0, 1), value=9.0)

    embedding = local_pod_embedding(wider, scales=(2,))

    assert embedding[0].tolist() == [1, 1, 4, 4, 9, 9, 16, 16]


@pytest.mark.parametrize(("height", "width"), [(4, 8), (3, 3)])
def test_map_that_has_no_square_blocks_is_refused(height: int, width: int) -> None:
    with pytest.raises(ValueError, match=f"{width} × {height} cannot be cut"):
        local_pod_embedding(torch.zeros(1, 1, height, width))


def test_loss_is_the_mean_distance_of_the_images() -> None:
    maps = torch.cat([SQUARE, SQUARE])
    old = torch.cat([SQUARE, torch.zeros_like(SQUARE)])

    # Scale 1 only: the second image's embedding is 2.5, 12.5, 5, 10 against 0.
    expected = math.sqrt(2.5**2 + 12.5**2 + 5**2 + 10**2) / 2

    assert pod_loss(maps, old, scales=(1,)).item() == pytest.approx(expected)


def test_equal_maps_cost_nothing_and_send_no_gradient() -> None:
    maps = torch.ones(2, 3, 4, 4, requires_grad=True)

    loss = pod_loss(maps, maps.detach())
    loss.backward()

    assert loss.item() == 0
    assert torch.equal(maps.grad, torch.zeros_like(maps))


def test_new_logits_join_the_background() -> None:
    logits = torch.tensor([1.0, 2.0, 4.0, 8.0]).view(1, 4, 1, 1)

    assert merge_new_into_background(logits, 2).flatten().tolist() == [13, 2]


def test_maps_and_logits_are_weighted_and_averaged() -> None:
    maps, old = torch.ones(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)
    logits, logits_old = torch.zeros(1, 4, 4, 4), torch.ones(1, 2, 4, 4)
    distance = pod_loss(maps, old).item()

    loss = local_pod([maps], [old], logits, logits_old, feature_factor=3.0, logit_factor=5.0)

    # Logits of two channels of ones against zeros are √2 times as far as the one channel of the map.
    assert loss.item() == pytest.approx(math.sqrt(4 / 2) * (3 * distance + 5 * math.sqrt(2) * distance) / 2)


def test_gradient_is_that_of_finite_differences() -> None:
    generator = torch.Generator().manual_seed(0)
    maps, old = (torch.randn(2, 2, 4, 4, generator=generator, dtype=torch.float64) for _ in range(2))

    assert torch.autograd.gradcheck(lambda x: pod_loss(x, old), maps.requires_grad_())
