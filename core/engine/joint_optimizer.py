"""Several optimisers as one, for trainings that update two networks with different optimisers."""

from __future__ import annotations

from itertools import count
from typing import Any

import torch


class JointOptimizer(torch.optim.Optimizer):
    """Several optimisers as one for schedules and checkpoints; each optimiser is stepped by itself.

    Args:
        parts: optimisers of different parameters. The joint optimiser has their groups, in this order.
    """

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        self.parts = parts
        self.defaults: dict[str, Any] = {}
        self._share()

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Step every part."""
        assert closure is None, "a step is taken with the gradients that are there"
        for part in self.parts:
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """Return the state in the format of one optimiser of all groups."""
        state: dict[int, Any] = {}
        groups: list[dict[str, Any]] = []
        for part in self.parts:
            own, first = part.state_dict(), sum(len(group["params"]) for group in groups)
            state |= {first + number: entry for number, entry in own["state"].items()}
            groups += [{**group, "params": [first + one for one in group["params"]]} for group in own["param_groups"]]
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load a state; raise ValueError if it has other groups."""
        groups = list(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError(f"the state has {len(groups)} groups of parameters, expected {len(self.param_groups)}")
        for part in self.parts:
            own = [groups.pop(0) for _ in part.param_groups]
            renamed = dict(zip((number for group in own for number in group["params"]), count()))
            state = {renamed[number]: entry for number, entry in state_dict["state"].items() if number in renamed}
            of_part = [{**group, "params": [renamed[number] for number in group["params"]]} for group in own]
            part.load_state_dict({"state": state, "param_groups": of_part})
        self._share()

    def _share(self) -> None:
        """Refer to the parts' groups again; the parts replace them when they load a state."""
        self.param_groups = [group for part in self.parts for group in part.param_groups]
