from __future__ import annotations

from unittest import mock

import pytest
import torch
from torch import Tensor

from core.losses import pixel_chunks
from core.losses.distillation import region_specific_distillation, region_terms
from core.losses.pixel_chunks import chunked_mean


def maps() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits, logits_old = (torch.randn(3, channels, 5, 4, generator=generator) for channels in (6, 4))
    return logits.requires_grad_(), logits_old, torch.rand(3, 5, 4, generator=generator)


def squares(logits: Tensor, weights: Tensor) -> Tensor:
    return weights * logits.square().sum(dim=1)


# All at once; two images and one; two rows of an image and less; one row although it is too large.
@pytest.mark.parametrize("elements", [1000, 240, 48, 7])
def test_value_and_gradient_do_not_depend_on_the_chunks(elements: int) -> None:
    logits, _, weights = maps()
    expected = squares(logits, weights).mean()
    (wanted,) = torch.autograd.grad(expected, logits)

    with mock.patch.object(pixel_chunks, "CHUNK_ELEMENTS", elements):
        loss = chunked_mean(squares, logits, weights)
    (3 * loss).backward()

    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(logits.grad, 3 * wanted)


def test_distillation_by_regions_keeps_one_gradient_for_the_backward_pass() -> None:
    logits, logits_old, weight = maps()
    kept: list[int] = []

    def note(tensor: Tensor) -> Tensor:
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = region_specific_distillation(logits, logits_old, weight)
        inside = list(kept)
        plain = sum(part.sum() for part in region_terms(logits, logits_old, weight)) / weight.numel()

    assert inside[-1] == logits.numel()
    assert sum(kept[len(inside) :]) > 2 * logits.numel()
    torch.testing.assert_close(loss, plain)


def test_one_chunk_at_a_time_is_in_memory() -> None:
    logits, _, weights = maps()
    seen: list[int] = []

    def watching(chunk: Tensor, weight: Tensor) -> Tensor:
        seen.append(chunk.numel())
        return squares(chunk, weight)

    with mock.patch.object(pixel_chunks, "CHUNK_ELEMENTS", 48):
        chunked_mean(watching, logits, weights)

    assert max(seen) <= 48
    assert sum(seen) == logits.numel()


def test_without_gradients_no_graph_is_made() -> None:
    logits, _, weights = maps()

    with torch.no_grad():
        loss = chunked_mean(squares, logits, weights)

    assert not loss.requires_grad
    torch.testing.assert_close(loss, squares(logits, weights).mean().detach())
