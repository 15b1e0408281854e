"""The stages of active-learning rounds: train, then select, label and train again per budget. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.acquisition.catalog import QueryUnit
from core.acquisition.options import AcquisitionOptions
from core.errors import ConfigError
from core.stage.spec import StageKind, StageSpec
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.budgets import BudgetUnit

MODEL, QUERIES, LABELS, ASKED = "model", "queries", "labels", "asked"
"""Outputs of the stages: model of a training, queries of a selection, labels of a labelling.

ASKED is a selection's state of partly queried images. Stored plans contain the name "asked", so it stays.
"""
IMAGE_UNITS = (BudgetUnit.IMAGES, BudgetUnit.PERCENT_IMAGES)
PART_UNITS = (BudgetUnit.REGIONS, BudgetUnit.PIXELS, BudgetUnit.PERCENT_PIXELS_PER_IMAGE)


def plan_rounds(
    stream: ActiveRoundsStream,
    options: AcquisitionOptions,
    total_iterations: int | None,
    images_per_step: Sequence[int] | None,
    *,
    goes_on: bool,
) -> list[StageSpec]:
    """Return the plan.

    Args:
        stream: the rounds and their budgets.
        options: options of the selection.
        total_iterations: iterations of each training; None if unknown.
        images_per_step: one entry, the target's training images; None if the dataset has not been scanned.
        goes_on: whether a training starts from the model of the previous round.

    Raises:
        ConfigError: if the pool is too small for a budget, or the acquisition function cannot spend its unit.
    """
    _check_unit(options, stream)
    if images_per_step is not None:
        stream.check_pool(images_per_step[0])
    # Earlier queries of an image matter only to functions that choose parts of images.
    is_partial = options.query_unit is not QueryUnit.IMAGE
    stages = [_train(total_iterations, stream.noun, 0, {})]
    for index in range(len(stream.budgets)):
        first = len(stages)
        train, labels = first - 1, {LABELS: f"{first - 2}/{LABELS}"} if index else {}
        asked = {ASKED: f"{first - 3}/{ASKED}"} if index and is_partial else {}
        select = StageSpec(
            index=first,
            name=f"select-{index}",
            kind=StageKind.SELECT,
            step=index,
            noun=stream.noun,
            inputs={MODEL: f"{train}/{MODEL}", **labels, **asked},
        )
        label = StageSpec(
            index=first + 1,
            name=f"label-{index}",
            kind=StageKind.LABEL,
            step=index,
            noun=stream.noun,
            inputs={QUERIES: f"{first}/{QUERIES}", **labels},
            by_people=stream.oracle == "none",
        )
        inputs = {LABELS: f"{first + 1}/{LABELS}"}
        if goes_on:
            inputs[MODEL] = f"{train}/{MODEL}"
        stages += [select, label, _train(total_iterations, stream.noun, index + 1, inputs, first + 2)]
    return stages


def _check_unit(options: AcquisitionOptions, stream: ActiveRoundsStream) -> None:
    name, unit = options.name, options.query_unit
    units = IMAGE_UNITS if unit is QueryUnit.IMAGE else PART_UNITS
    if stream.budgets and stream.unit not in units:
        raise ConfigError(
            f"acquisition {name.value} asks for {unit.value}s and cannot spend {stream.unit.value}; "
            f"give budgets in {' or '.join(units)}",
            "/stream/unit",
        )


def _train(total_iterations: int | None, noun: str, number: int, inputs: dict[str, str], index: int = 0) -> StageSpec:
    return StageSpec(
        index=index,
        name=f"train-{number}",
        kind=StageKind.TRAIN,
        step=number,
        noun=noun,
        inputs=inputs,
        total_iterations=total_iterations,
    )
