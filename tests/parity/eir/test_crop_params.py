"""EIR 2.4: the box of a random resized crop."""

from __future__ import annotations

import numpy as np

from core.data.transforms.geometry import crop_from_draws
from tests.support.parity import load_case


def test_boxes_from_the_recorded_draws_are_the_recorded_boxes() -> None:
    case = load_case("eir", "crop_params")

    crops = [
        crop_from_draws(int(width), int(height), draws, corner)
        for (width, height), draws, corner in zip(
            case["size_wh"], case["area_frac_and_log_ratio"], case["ij_uniform"], strict=True
        )
    ]

    boxes = [(crop.top, crop.left, crop.height, crop.width) for crop in crops]
    np.testing.assert_array_equal(boxes, case["result_ijhw"])
