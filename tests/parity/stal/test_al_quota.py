"""The published quota of each city (6.1)."""

from __future__ import annotations

import numpy as np

from core.acquisition.quota import published_quota
from tests.support.parity import load_case


def test_published_quotas_equal_the_recording() -> None:
    case = load_case("stal", "al_quota")

    quotas = [
        published_quota(case["pool"].tolist(), labelled, budget)
        for labelled, budget in zip(case["labelled"].tolist(), case["budget"].tolist(), strict=True)
    ]

    np.testing.assert_array_equal(quotas, case["quota"])
