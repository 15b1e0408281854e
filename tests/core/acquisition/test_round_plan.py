"""Stages of rounds, whatever the method."""

from __future__ import annotations

from core.acquisition.options import AcquisitionOptions
from core.acquisition.round_plan import plan_rounds
from core.streams.active_rounds import ActiveRoundsStream

STREAM = ActiveRoundsStream.model_validate({"initial_images": 2, "budgets": [2, 3], "oracle": "none"})


def test_trainings_know_their_length_and_people_label() -> None:
    stages = plan_rounds(STREAM, AcquisitionOptions(), 50, [10], goes_on=False)

    assert [(stage.kind, stage.total_iterations, stage.by_people) for stage in stages] == [
        ("train", 50, False),
        ("select", None, False),
        ("label", None, True),
        ("train", 50, False),
        ("select", None, False),
        ("label", None, True),
        ("train", 50, False),
    ]


def test_training_takes_the_model_of_the_round_before_where_it_goes_on() -> None:
    stages = plan_rounds(STREAM, AcquisitionOptions(), None, None, goes_on=True)

    assert stages[3].inputs == {"labels": "2/labels", "model": "0/model"}
