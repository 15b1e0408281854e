"""Choosing an image's domain adapter by a linear classifier of its global feature token (MoDA; CoSAM 4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RouterStep(NamedTuple):
    """Mean cross-entropy and accuracy of a batch before its update."""

    loss: float
    accuracy: float


def build_router(channels: int, num_domains: int, generator: torch.Generator) -> nn.Linear:
    """Return a classifier v -> T, drawn as PyTorch draws a linear layer; its rows are the keys of the adapters."""
    router = nn.Linear(channels, num_domains)
    bound = channels**-0.5
    with torch.no_grad():
        for parameter in router.parameters():
            parameter.copy_(torch.rand(parameter.shape, generator=generator) * 2 * bound - bound)
    return router


def fit_router(
    router: nn.Linear, batches: Iterable[tuple[Tensor, Tensor]], lr: float, further: Sequence[nn.Parameter] = ()
) -> list[RouterStep]:
    """Train a classifier by Adam.

    Args:
        router: changed in place.
        batches: (B, v) features with their (B,) int64 domains, in the order of the updates.
        lr: learning rate.
        further: other parameters to train, such as the tokens from which the features are computed.

    Returns:
        Loss and accuracy of each batch before its update.
    """
    optimizer = torch.optim.Adam([*router.parameters(), *further], lr=lr)
    steps = []
    for features, domains in batches:
        logits = router(features)
        loss = F.cross_entropy(logits, domains)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        steps.append(RouterStep(loss.item(), (route_of(logits) == domains).float().mean().item()))
    return steps


def route_of(logits: Tensor) -> Tensor:
    """Return the domain of each row of (B, T) logits; ties go to the first."""
    return (logits == logits.amax(dim=1, keepdim=True)).to(torch.uint8).argmax(dim=1)
