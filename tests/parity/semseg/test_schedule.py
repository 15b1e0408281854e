"""Learning rates (SemSeg 5)."""

from __future__ import annotations

import pytest

from core.engine.schedules import MilestoneSchedule
from tests.support.parity import assert_close, load_case


@pytest.mark.parametrize("name", ["full", "short"])
def test_learning_rates(name: str) -> None:
    case = load_case("semseg", "lr_schedule")
    first, second, iterations, warmup = case[f"{name}_cfg"].tolist()
    schedule = MilestoneSchedule(iterations, (first, second), warmup)

    found = [float(case["base_lr"]) * schedule.factor(int(iteration)) for iteration in case[f"{name}_iters"]]

    assert_close(found, case[f"{name}_lr"], 1e-6)
