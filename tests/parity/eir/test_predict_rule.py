"""The decision at test time, exact zeros and ties included."""

from __future__ import annotations

import numpy as np
import torch

from core.metrics.confusion import predict
from tests.support.parity import load_case


def test_threshold_rule_gives_the_recorded_channels() -> None:
    case = load_case("eir", "predict_rule")

    predictions = predict(torch.from_numpy(case["logits"]), "threshold")

    np.testing.assert_array_equal(predictions.numpy(), case["pred"])
