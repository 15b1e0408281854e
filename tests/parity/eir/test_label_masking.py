"""EIR 2.3: what the labels of a step show."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from core.data.classes import ClassTable
from core.streams.masking import LabelUse, channel_table, kept_ids, masking_table, network_table, raw_table
from core.streams.step import Step
from tests.support.parity import load_case

CLASSES = ClassTable({raw_id: str(raw_id) for raw_id in range(1, 255)})
RECORDED = [
    ("train", LabelUse.TRAIN, 0),
    ("train", LabelUse.VALIDATION, 0),
    ("test", LabelUse.TEST, 0),
    ("train_mask255", LabelUse.TRAIN, 255),
    ("test_mask255", LabelUse.TEST, 255),
    ("true_background", LabelUse.TRUE_BACKGROUND, 0),
]


def recorded_step(case: dict[str, npt.NDArray[np.generic]]) -> Step:
    return Step(1, tuple(case["old"].tolist()), tuple(case["new"].tolist()))


@pytest.mark.parametrize(("recorded", "use", "masking_value"), RECORDED)
def test_masked_labels_agree_with_the_recording(recorded: str, use: LabelUse, masking_value: int) -> None:
    case = load_case("eir", "label_masking")
    kept = kept_ids(recorded_step(case), use, "overlap", CLASSES)

    masked = masking_table(kept, masking_value)[case["label"].astype(np.int64)]

    np.testing.assert_array_equal(masked, case[recorded])


@pytest.mark.parametrize(("recorded", "use", "masking_value"), RECORDED)
def test_network_labels_are_the_recording_in_channels(recorded: str, use: LabelUse, masking_value: int) -> None:
    case = load_case("eir", "label_masking")
    step = recorded_step(case)
    # An order that is not the natural one, so that a channel is never its raw id by chance.
    order = tuple(reversed(step.seen_classes))
    channels = channel_table(order, CLASSES)

    network = network_table(channels, kept_ids(step, use, "overlap", CLASSES), masking_value)
    labels = network[case["label"].astype(np.int64)]

    np.testing.assert_array_equal(labels, channels[case[recorded].astype(np.int64)])
    np.testing.assert_array_equal(raw_table(order, CLASSES)[labels], case[recorded])
