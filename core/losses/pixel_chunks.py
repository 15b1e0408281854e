"""Means of pixelwise losses, computed a chunk of pixels at a time, so that memory holds one gradient and one chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import torch
from torch import Tensor

CHUNK_ELEMENTS = 2**22
"""Logits in a chunk."""

PixelLoss = Callable[..., Tensor]
"""(logits (b, C, h, w), further maps (b, …, h, w)) -> losses (b, h, w), each a function of its own pixel alone."""


def chunked_mean(loss: PixelLoss, logits: Tensor, *maps: Tensor) -> Tensor:
    """Return the mean over all pixels of a loss, as a scalar whose graph holds the gradient of the logits alone.

    Softmaxes and their products are made for one chunk of pixels, forward and backward at once, and dropped.

    Args:
        loss: the loss of each pixel.
        logits: (B, C, H, W), with gradient.
        maps: further inputs (B, …, H, W), without gradient.
    """
    return cast(Tensor, _ChunkedMean.apply(loss, logits, *maps))  # type: ignore[no-untyped-call]


class _ChunkedMean(torch.autograd.Function):
    """Once differentiable: the gradient is made in the forward pass."""

    @staticmethod
    def forward(ctx: Any, loss: PixelLoss, logits: Tensor, *maps: Tensor) -> Tensor:
        pixels = logits.shape[0] * logits.shape[2:].numel()
        total = logits.new_zeros(())
        gradient = torch.empty_like(logits) if ctx.needs_input_grad[1] else None
        for part in _parts(logits.shape):
            chunk = logits[part].detach().requires_grad_(gradient is not None)
            with torch.set_grad_enabled(gradient is not None):
                losses = loss(chunk, *(one[part] for one in maps)).sum() / pixels
            total += losses.detach()
            if gradient is not None:
                (gradient[part],) = torch.autograd.grad(losses, chunk)
        if gradient is not None:
            ctx.save_for_backward(gradient)
        ctx.num_maps = len(maps)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = ctx.saved_tensors
        return (None, gradient * grad, *[None] * ctx.num_maps)


def _parts(shape: torch.Size) -> Iterator[tuple[Any, ...]]:
    """Yield slices of images, or of rows of one image, of at most `CHUNK_ELEMENTS` logits (one row at least)."""
    batch, channels, height, width = shape
    images = CHUNK_ELEMENTS // (channels * height * width)
    if images:
        yield from ((slice(first, first + images), ...) for first in range(0, batch, images))
        return
    rows = max(1, CHUNK_ELEMENTS // (channels * width))
    for image in range(batch):
        for first in range(0, height, rows):
            yield (slice(image, image + 1), ..., slice(first, first + rows), slice(None))
