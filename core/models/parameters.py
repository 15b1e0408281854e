"""How large a network is."""

from __future__ import annotations

from torch import nn


def parameter_count(module: nn.Module) -> int:
    """Return the number of scalars in a module's parameters."""
    return sum(parameter.numel() for parameter in module.parameters())
