"""One update of the weights."""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.optim import clip_gradients


def descend(optimizer: torch.optim.Optimizer, loss: Tensor, clip_norm: float | None) -> dict[str, Tensor]:
    """Do one optimiser update for a loss.

    Args:
        optimizer: holds the parameters.
        loss: scalar with a graph.
        clip_norm: largest joint norm of the gradients; None = no clipping.

    Returns:
        `loss`, and with clipping also `grad_norm` before it; detached, on the device.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    values = {"loss": loss.detach()}
    if clip_norm is not None:
        values["grad_norm"] = clip_gradients(optimizer, clip_norm).detach()
    optimizer.step()
    return values
