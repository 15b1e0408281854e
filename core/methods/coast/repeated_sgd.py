"""SGD that updates some tensors several times a step, as the published optimiser does (CoaST 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


class RepeatedSGD(torch.optim.Optimizer):
    """SGD with momentum in which a tensor counts as listed `repeats` times, a key of its group; 1 is plain SGD.

    REFERENCE: the encoder's parameters are gathered once for each module that encloses them, so that one step updates
    them three or four times with the same gradient: about that many times the rate, and a shorter memory. PyTorch
    itself refuses or warns of such lists.

    Args:
        groups: of parameters, each with `lr` and `repeats`.
        momentum: of the running gradient.
        weight_decay: of every parameter.
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
            # In the first step each repetition starts the running gradient anew.
            state["momentum_buffer"] = change if running is None else running.mul_(group["momentum"]).add_(change)
            parameter.sub_(state["momentum_buffer"], alpha=group["lr"])


def published_repeats(name: str) -> int:
    """Return how often the published optimiser lists a parameter of the encoder: once for each module around it.

    By its torchvision name it is 1 in the stem, 3 in blocks and 4 in projections.
    """
    return name.count(".")
