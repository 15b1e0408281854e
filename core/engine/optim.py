"""Learning rates and clipping for an optimiser with any groups."""

from __future__ import annotations

import torch
from torch import nn


def set_learning_rates(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set each group's rate to `factor` times the rate that it was built with."""
    for group in optimizer.param_groups:
        group["lr"] = group["base_lr"] * factor


def clip_gradients(optimizer: torch.optim.Optimizer, max_norm: float) -> torch.Tensor:
    """Scale the optimised parameters' gradients down to a joint norm of `max_norm`; return the norm before, unread."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return nn.utils.clip_grad_norm_(parameters, max_norm)
