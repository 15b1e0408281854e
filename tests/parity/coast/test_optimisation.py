"""Learning rates, and tensors that are updated several times a step (CoaST 5)."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
import torch

from core.engine.schedules import poly
from core.methods.coast.repeated_sgd import RepeatedSGD, published_repeats
from core.models.catalog import Architecture, model_builder
from tests.support.parity import assert_close, load_case


def test_learning_rates_fall_as_recorded() -> None:
    case = load_case("coast", "poly_lr")
    iterations, published = int(case["max_iter"]), int(case["iters60k"].max())

    short = [poly(iteration, iterations) for iteration in range(iterations + 1)]
    long = [poly(iteration, published) for iteration in case["iters60k"].tolist()]

    assert_close(np.outer(short, case["base_lr"]), case["lr_table"], 1e-9)
    assert_close(np.outer(long, case["base_lr60k"]), case["lr60k"], 1e-9)


@pytest.mark.parametrize("repeats", [1, 3, 4])
def test_repeated_tensors_go_where_the_recorded_ones_go(repeats: int) -> None:
    case = load_case("coast", "sgd_multiplicity")
    parameter = torch.nn.Parameter(torch.from_numpy(case["p0"]))
    optimizer = RepeatedSGD([{"params": [parameter], "lr": 0.05, "repeats": repeats}])

    for time in count():
        if f"g{time}" not in case:
            break
        parameter.grad = torch.from_numpy(case[f"g{time}"])
        optimizer.step()
        assert_close(parameter.detach(), case[f"m{repeats}_p{time + 1}"], 1e-6)
    assert time > 1


def test_the_encoder_is_listed_as_often_as_recorded() -> None:
    case = load_case("coast", "param_groups")
    with torch.device("meta"):
        encoder = model_builder("deeplabv2_resnet101", Architecture.DEEPLABV2)(7, 2, 0.1).encoder

    entries = sum(published_repeats(name) for name, _ in encoder.named_parameters())

    assert {int(row[3]) for row in case.values()} == {entries}
