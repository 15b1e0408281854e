"""EIR 2.3: which images belong to a step."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.data.presence import ClassPresence
from core.data.truths import count_pixels
from core.streams.selection import Setting, Split
from core.streams.step import Step
from core.streams.step_images import step_items
from tests.support.parity import load_case


@pytest.mark.parametrize(
    ("recorded", "split", "setting"),
    [
        ("train_overlap", Split.TRAIN, "overlap"),
        ("train_disjoint", Split.TRAIN, "disjoint"),
        ("train_disjoint", Split.TRAIN, "sequential"),
        ("val", Split.VALIDATION, "overlap"),
        ("test", Split.TEST, "overlap"),
        ("test", Split.TEST, "disjoint"),
    ],
)
def test_the_same_images_are_used_as_in_the_published_index_files(
    recorded: str, split: Split, setting: Setting
) -> None:
    case = load_case("eir", "image_selection")
    step = Step(1, tuple(case["old"].tolist()), tuple(case["new"].tolist()))
    classes = ClassTable({int(raw_id): str(raw_id) for raw_id in range(1, 255)})
    pixels = np.stack([count_pixels(label.astype(np.uint8)) for label in case["labels"]])

    items = step_items(ClassPresence(pixels, classes), step, split, setting)

    assert items.tolist() == np.flatnonzero(case[recorded]).tolist()
