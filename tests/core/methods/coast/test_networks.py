from __future__ import annotations

import pytest
import torch

from core.methods.coast.networks import (
    build_network,
    freeze_batch_norm,
    network_optimizer,
    with_agnostic_head,
)
from core.methods.coast.options import NetworkOptions, OptimOptions
from core.methods.coast.repeated_sgd import RepeatedSGD
from core.models.deeplabv2 import DeepLabV2

TINY = NetworkOptions(name="tiny")


def network(heads: int = 2, seed: int = 1) -> DeepLabV2:
    return build_network(TINY, 4, heads, torch.Generator().manual_seed(seed))


def test_the_agnostic_classifier_is_drawn_and_the_others_are_taken_over() -> None:
    warmed_up = network()

    grown, other = (
        with_agnostic_head(TINY, warmed_up.state_dict(), (4, 2), torch.Generator().manual_seed(seed)) for seed in (5, 6)
    )

    for name, tensor in warmed_up.state_dict().items():
        assert torch.equal(grown.state_dict()[name], tensor)
    assert len(grown.heads) == 3
    assert not torch.equal(grown.heads[2].head[1].weight, other.heads[2].head[1].weight)


@pytest.mark.parametrize("repeats", [False, True])
def test_every_parameter_has_one_rate(repeats: bool) -> None:
    model = network(3)
    rates = {"encoder": 0.1, "heads": 0.2, "agnostic": 0.4}

    optimizer = network_optimizer(model, rates, OptimOptions(), repeats=repeats)

    grouped = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    assert len(grouped) == len({id(one) for one in grouped}) == len(list(model.parameters()))
    of_agnostic = {id(one) for one in model.heads[2].parameters()}
    for group in optimizer.param_groups:
        assert group["lr"] == group["base_lr"] == rates[group["name"]]
        assert ({id(one) for one in group["params"]} == of_agnostic) == (group["name"] == "agnostic")
    assert isinstance(optimizer, RepeatedSGD) == repeats
    assert {group.get("repeats", 1) for group in optimizer.param_groups} == ({1, 4} if repeats else {1})


def test_frozen_batch_norm_stays_as_it_is_while_dropout_goes_on() -> None:
    model = network()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items() if "running" in name}
    model.train()

    freeze_batch_norm(model)
    model.features(torch.rand(2, 3, 16, 16))

    assert before
    assert all(torch.equal(model.state_dict()[name], tensor) for name, tensor in before.items())
    assert model.heads[0].head[0].training
