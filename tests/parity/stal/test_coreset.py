"""k-centre greedy (6.2)."""

from __future__ import annotations

import numpy as np
import torch

from core.acquisition.coreset import k_centre_greedy
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5


def test_picks_and_cover_radius_equal_the_recording() -> None:
    case = load_case("stal", "coreset")

    chosen = k_centre_greedy(
        torch.from_numpy(case["features"]), torch.from_numpy(case["labelled"]).bool(), int(case["budget"])
    )

    np.testing.assert_array_equal(chosen.indices, case["selected"])
    assert_close(chosen.cover_radius, case["cover_radius"], TOLERANCE)
