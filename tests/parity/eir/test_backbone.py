"""ResNet-101 against the recorded layout, one bottleneck's activations, and parameter counts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.methods.class_incremental.build import assemble_model
from core.methods.class_incremental.config import ModelConfig
from core.models.parameters import parameter_count
from core.models.resnet import Bottleneck, OutputStride, ResNet, layout
from tests.support.parity import assert_close, load_case
from tests.support.recorded_weights import load_recorded_weights


@pytest.mark.parametrize("output_stride", [8, 16])
def test_layout_of_every_block_equals_the_recording(output_stride: OutputStride) -> None:
    case = load_case("eir", "backbone")

    with torch.device("meta"):
        resnet = ResNet(101, output_stride)

    np.testing.assert_array_equal(np.array(layout(resnet)), case[f"layout_os{output_stride}"])


def test_bottleneck_gives_the_recorded_sum_and_activation() -> None:
    case = load_case("eir", "backbone")
    width, in_channels = case["w_conv1_weight"].shape[:2]
    block = Bottleneck(in_channels, width, stride=1, dilation=2).eval()
    load_recorded_weights(block, case, "w_")

    with torch.no_grad():
        tap = block.pre_activation(torch.from_numpy(case["x"]))
        act = block(torch.from_numpy(case["x"]))

    assert_close(tap, case["pre_activation"], 1e-4)
    assert_close(act, case["act"], 1e-4)
    assert_close(F.relu(tap), case["tap_code"], 1e-4)


def test_parameter_counts_equal_the_recording() -> None:
    case = load_case("eir", "backbone")
    config = ModelConfig(name="deeplabv3_resnet101")

    with torch.device("meta"):
        models = [assemble_model(config, [int(seen)]) for seen in case["param_counts"][:, 0]]

    parts = [[parameter_count(part) for part in (model.backbone, model.aspp, model.cls)] for model in models]
    np.testing.assert_array_equal(np.array(parts), case["param_counts"][:, 1:])
