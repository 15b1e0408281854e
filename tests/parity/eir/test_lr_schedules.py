"""Learning rates before every iteration, of the base group and the group at ten times its rate."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.schedules import PolySchedule
from tests.support.parity import assert_close, load_case

SETTINGS = {
    "poly": {},
    "poly_p2": {"power": 2.0},
    "warm": {"warmup_share": 0.2, "warmup_factor": 0.001, "warmup_method": "linear"},
    "warm_const_end": {"warmup_share": 0.1, "constant_ending": 0.3},
    "warm_constant_method": {"warmup_share": 0.25, "warmup_factor": 0.05, "warmup_method": "constant"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_rates_equal_the_recording(name: str) -> None:
    case = load_case("eir", "lr_schedules")
    iterations = int(case["max_iters"])
    settings = dict(SETTINGS[name])
    warmup_iterations = settings.pop("warmup_share", 0.0) * iterations

    schedule = PolySchedule(iterations, warmup_iterations=warmup_iterations, **settings)
    factors = np.array([schedule.factor(iteration) for iteration in range(iterations + 1)])

    rates = factors[:, None] * float(case["base_lr"]) * np.array([1.0, 10.0])
    assert_close(rates, case[name], 1e-9)
