"""What the optimiser is given, with batch norm trained and frozen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.methods.class_incremental.build import assemble_model
from core.methods.class_incremental.config import ModelConfig, OptimConfig
from core.methods.class_incremental.optimisation import build_optimizer
from tests.support.parity import load_case

GROUPS = {0: ("backbone",), 1: ("aspp",), 2: ("old_heads", "new_head"), 3: ("old_heads",), 4: ("new_head",)}
WHOLE_MODEL = 9


@pytest.mark.parametrize("freeze_bn", [False, True])
def test_tensors_and_parameters_of_each_group_equal_the_recording(freeze_bn: bool) -> None:
    case = load_case("eir", "param_groups")
    rows = case["frozen_group_tensors_numel"]
    classes = case["classes"].tolist()
    with torch.device("meta"):
        model = assemble_model(ModelConfig(name="deeplabv3_resnet101"), classes)

    optimizer = build_optimizer(model, OptimConfig(freeze_bn=freeze_bn), step_index=1)

    params = {group["name"]: group["params"] for group in optimizer.param_groups}
    found = [
        [int(freeze_bn), number, *count([tensor for name in names for tensor in params[name]])]
        for number, names in GROUPS.items()
    ]
    whole_model = [int(freeze_bn), WHOLE_MODEL, len(model.state_dict()), count(list(model.parameters()))[1]]
    np.testing.assert_array_equal(np.array([*found, whole_model]), rows[rows[:, 0] == freeze_bn])


def count(tensors: list[nn.Parameter]) -> tuple[int, int]:
    return len(tensors), sum(tensor.numel() for tensor in tensors)
