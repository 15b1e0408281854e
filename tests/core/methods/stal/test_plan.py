"""Stages of rounds, and what each takes of the earlier ones."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import ConfigError
from core.methods.stal.plan import plan_stages
from core.streams.active_rounds import ActiveRoundsStream
from tests.support.rounds import stal_config


def stream(**changes: Any) -> ActiveRoundsStream:
    return ActiveRoundsStream.model_validate({"initial_images": 2, "budgets": [2, 3], **changes})


def test_a_round_is_select_label_and_train() -> None:
    stages = plan_stages(stal_config(), stream())

    assert [stage.name for stage in stages] == [
        "train-0", "select-0", "label-0", "train-1", "select-1", "label-1", "train-2",
    ]  # fmt: skip
    assert [stage.index for stage in stages] == list(range(7))
    assert [stage.inputs for stage in stages] == [
        {},
        {"model": "0/model"},
        {"queries": "1/queries"},
        {"labels": "2/labels"},
        {"model": "3/model", "labels": "2/labels"},
        {"queries": "4/queries", "labels": "2/labels"},
        {"labels": "5/labels"},
    ]


def test_windows_need_to_know_what_was_asked_before() -> None:
    config = stal_config(acquisition={"name": "ripu_ra"})

    stages = plan_stages(config, stream(unit="percent_pixels_per_image", budgets=[1, 1]))

    assert stages[4].inputs["asked"] == "1/asked"
    assert "asked" not in stages[1].inputs


def test_previous_round_hands_its_model_on_where_that_is_asked_for() -> None:
    stages = plan_stages(stal_config(model={"init": "previous_round"}), stream())

    assert [stages[index].inputs.get("model") for index in (0, 3, 6)] == [None, "0/model", "3/model"]


def test_without_budgets_there_is_one_training() -> None:
    assert [stage.name for stage in plan_stages(stal_config(), stream(budgets=[]))] == ["train-0"]


def test_budgets_are_checked_against_the_pool_once_it_is_counted() -> None:
    assert len(plan_stages(stal_config(), stream(), [7])) == 7
    with pytest.raises(ConfigError, match="only 2 of 6 are left") as caught:
        plan_stages(stal_config(), stream(), [6])
    assert caught.value.pointer == "/stream/budgets/1"


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("stal", "pixels"),
        ("coreset", "percent_pixels_per_image"),
        ("ripu_ra", "images"),
        ("entropy", "regions"),
        ("ripu_pa", "images"),
    ],
)
def test_a_function_that_cannot_spend_the_budget_is_refused_before_anything_is_trained(name: str, unit: str) -> None:
    with pytest.raises(ConfigError, match="cannot spend") as caught:
        plan_stages(stal_config(acquisition={"name": name}), stream(unit=unit))
    assert caught.value.pointer == "/stream/unit"
