"""SGD that updates some tensors several times per iteration, like the published optimiser (CoaST 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


class RepeatedSGD(torch.optim.Optimizer):
    """SGD with momentum that updates each tensor `repeats` times, a key of its group; 1 is plain SGD.

    REFERENCE: lists the encoder's parameters once per enclosing module, so one iteration updates them three or four
    times with the same gradient. This multiplies the learning rate by about that number and shortens the momentum.
    PyTorch itself refuses such lists or warns about them.

    Args:
        groups: groups of parameters, each with `lr` and `repeats`.
        momentum: factor of the running gradient.
        weight_decay: for all parameters.
    """

    def __init__(self, groups: Iterable[dict[str, Any]], momentum: float = 0.9, weight_decay: float = 2e-4) -> None:
        super().__init__(groups, {"momentum": momentum, "weight_decay": weight_decay, "repeats": 1})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        assert closure is None, "a step is taken with the gradients that are there"
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._repeat(parameter, parameter.grad, group)

    def _repeat(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        running = state.get("momentum_buffer")
        for _ in range(group["repeats"]):
            change = gradient.add(parameter, alpha=group["weight_decay"])
            # In the first iteration each repetition restarts the running gradient.
            state["momentum_buffer"] = change if running is None else running.mul_(group["momentum"]).add_(change)
            parameter.sub_(state["momentum_buffer"], alpha=group["lr"])


def published_repeats(name: str) -> int:
    """Return how often the published optimiser lists an encoder parameter: once per enclosing module.

    By torchvision name: 1 in the stem, 3 in blocks, 4 in projections.
    """
    return name.count(".")
