"""The pyramid at reduced width against the recorded forward passes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.aspp import ASPP, RATES
from core.models.resnet import OutputStride
from tests.support.parity import assert_close, load_case
from tests.support.recorded_weights import load_recorded_weights


@pytest.mark.parametrize("output_stride", [8, 16])
def test_pyramid_gives_the_recorded_output(output_stride: OutputStride) -> None:
    case = load_case("eir", "aspp")
    prefix = f"os{output_stride}_"
    weights = [case[f"{prefix}w_{name}_0_weight"] for name in ("convs_0", "project", "last_conv")]
    in_channels, widths = weights[0].shape[1], tuple(weight.shape[0] for weight in weights)
    aspp = ASPP(in_channels, RATES[output_stride], widths=widths).eval()
    load_recorded_weights(aspp, case, f"{prefix}w_")

    with torch.no_grad():
        output = aspp(torch.from_numpy(case[f"{prefix}x"]))

    np.testing.assert_array_equal(np.array(RATES[output_stride]), case[f"{prefix}rates"])
    assert_close(output, case[f"{prefix}y"], 1e-4)
