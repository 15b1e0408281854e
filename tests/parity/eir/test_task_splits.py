"""EIR 2.3: the published schedules."""

from __future__ import annotations

import string

import numpy as np

from core.streams.schedules import VOC_SCHEDULES, Steps
from tests.support.parity import load_case

# The recording numbers the schedules in this order.
RECORDED_NAMES = (
    "joint", "19-1", "15-5", "15-1", *(f"15-1_{letter}" for letter in string.ascii_lowercase[1:23]),
    "10-1", "10-5", "10-10", "5-3", "5-3-60", "5-3-180", "5-3-140",
)  # fmt: skip


def as_rows(schedule_index: int, steps: Steps) -> list[tuple[int, int, int, int]]:
    return [
        (schedule_index, step, position, class_id)
        for step, classes in enumerate(steps)
        for position, class_id in enumerate(classes)
    ]


def test_every_recorded_schedule_has_the_published_classes_in_the_published_order() -> None:
    recorded = load_case("eir", "task_splits")["task_step_pos_class"]
    schedules = np.unique(recorded[:, 0]).tolist()

    ours = [row for index in schedules for row in as_rows(index, VOC_SCHEDULES[RECORDED_NAMES[index]])]

    assert sorted(ours) == sorted(map(tuple, recorded.tolist()))
