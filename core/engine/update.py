"""One update of the weights."""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.optim import clip_gradients


def descend(optimizer: torch.optim.Optimizer, loss: Tensor, clip_norm: float | None) -> dict[str, Tensor]:
    """Go one step down the gradient of a loss.

    Args:
        optimizer: holds the parameters.
        loss: scalar with a graph.
        clip_norm: joint norm to which gradients are scaled down; None leaves them.

    Returns:
        `loss`, and `grad_norm` before clipping where it is on; detached, on the device.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    values = {"loss": loss.detach()}
    if clip_norm is not None:
        values["grad_norm"] = clip_gradients(optimizer, clip_norm).detach()
    optimizer.step()
    return values
