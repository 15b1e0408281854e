from __future__ import annotations

import pytest
import torch

from core.engine.joint_optimizer import JointOptimizer
from core.engine.optim import set_learning_rates


def joint() -> JointOptimizer:
    first, second, third = (torch.nn.Parameter(torch.full((2,), float(value))) for value in (1, 2, 3))
    groups = [{"params": [first], "base_lr": 0.1}, {"params": [second], "base_lr": 0.2}]
    sgd = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    return JointOptimizer(sgd, torch.optim.Adam([{"params": [third], "base_lr": 0.01}], lr=0.01))


def parameters(optimizer: JointOptimizer) -> list[torch.nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def advance(optimizer: JointOptimizer, steps: int) -> None:
    for step in range(steps):
        set_learning_rates(optimizer, 1 / (1 + step))
        for parameter in parameters(optimizer):
            parameter.grad = torch.sin(parameter.detach())
        optimizer.step()


def test_rates_set_on_the_whole_are_those_of_the_parts() -> None:
    optimizer = joint()

    set_learning_rates(optimizer, 0.5)

    assert [group["lr"] for part in optimizer.parts for group in part.param_groups] == [0.05, 0.1, 0.005]


def test_a_state_taken_over_goes_on_bit_for_bit() -> None:
    through, stopped, resumed = joint(), joint(), joint()
    advance(through, 2)
    advance(stopped, 2)
    with torch.no_grad():
        for own, other in zip(parameters(resumed), parameters(stopped), strict=True):
            own.copy_(other)

    resumed.load_state_dict(stopped.state_dict())
    advance(through, 3)
    advance(resumed, 3)

    for one, other in zip(parameters(through), parameters(resumed), strict=True):
        assert torch.equal(one, other)
    assert resumed.state_dict()["param_groups"][2]["params"] == [2]


def test_a_state_of_other_groups_is_refused() -> None:
    optimizer = joint()

    with pytest.raises(ValueError, match="has 2 groups of parameters, expected 3"):
        optimizer.load_state_dict(optimizer.parts[0].state_dict())
