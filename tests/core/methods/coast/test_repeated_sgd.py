from __future__ import annotations

import pytest
import torch

from core.methods.coast.repeated_sgd import RepeatedSGD, published_repeats


def moved(repeats: int, steps: int = 3) -> torch.Tensor:
    parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = RepeatedSGD([{"params": [parameter], "lr": 0.1, "repeats": repeats}], weight_decay=0.0)
    for _ in range(steps):
        parameter.grad = torch.ones(2)
        optimizer.step()
    return parameter.detach()


def test_once_is_plain_sgd() -> None:
    parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    plain = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
    for _ in range(3):
        parameter.grad = torch.ones(2)
        plain.step()

    torch.testing.assert_close(moved(1), parameter.detach())


def test_first_step_repeats_without_memory_and_later_ones_with_it() -> None:
    # 0.1 x (1 + 1), then the memories 1.9 and 0.9 x 1.9 + 1.
    torch.testing.assert_close(moved(2, steps=1), torch.tensor([0.8, -2.2]))
    torch.testing.assert_close(moved(2, steps=2), torch.tensor([0.8, -2.2]) - 0.1 * (1.9 + 2.71))


def test_parameters_without_a_gradient_stay() -> None:
    parameter = torch.nn.Parameter(torch.ones(1))
    RepeatedSGD([{"params": [parameter], "lr": 0.1}]).step()

    assert parameter.item() == 1


def test_gradients_are_left_as_they_are() -> None:
    parameter = torch.nn.Parameter(torch.ones(1))
    parameter.grad = torch.full((1,), 2.0)
    RepeatedSGD([{"params": [parameter], "lr": 0.1, "repeats": 3}]).step()

    assert parameter.grad.item() == 2


def test_a_resumed_optimiser_goes_on_as_before() -> None:
    parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    state = None
    for _ in range(3):
        optimizer = RepeatedSGD([{"params": [parameter], "lr": 0.1, "repeats": 2}], weight_decay=0.0)
        if state is not None:
            optimizer.load_state_dict(state)
        parameter.grad = torch.ones(2)
        optimizer.step()
        state = optimizer.state_dict()

    torch.testing.assert_close(parameter.detach(), moved(2))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("conv1.weight", 1), ("bn1.bias", 1), ("layer3.7.bn2.weight", 3), ("layer1.0.downsample.1.bias", 4)],
)
def test_parameters_are_listed_once_for_each_enclosing_module(name: str, expected: int) -> None:
    assert published_repeats(name) == expected
