"""The stages of STAL: train, then select, label and train again for every budget. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.acquisition.catalog import BudgetUnit, QueryUnit
from core.errors import ConfigError
from core.methods.stal.config import StalConfig
from core.stage.spec import StageKind, StageSpec
from core.streams.active_rounds import ActiveRoundsStream

IMAGE_UNITS = (BudgetUnit.IMAGES, BudgetUnit.PERCENT_IMAGES)
PART_UNITS = (BudgetUnit.REGIONS, BudgetUnit.PIXELS, BudgetUnit.PERCENT_PIXELS_PER_IMAGE)


def plan_stages(
    config: StalConfig, stream: ActiveRoundsStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan.

    Args:
        config: gives the iterations of a round.
        stream: the rounds and their budgets.
        images_per_step: training images of the target as the only entry, where the dataset has been scanned.

    Raises:
        ConfigError: when the pool cannot meet a budget, or the acquisition function cannot spend it.
    """
    _check_unit(config, stream)
    if images_per_step is not None:
        stream.check_pool(images_per_step[0])
    # What was asked of an image before matters only to a function that asks for parts of one.
    asks_for_parts = config.acquisition.query_unit is not QueryUnit.IMAGE
    stages = [_train(config, 0, {})]
    for index in range(len(stream.budgets)):
        first = len(stages)
        train, labels = first - 1, {"labels": f"{first - 2}/labels"} if index else {}
        asked = {"asked": f"{first - 3}/asked"} if index and asks_for_parts else {}
        select = StageSpec(
            index=first,
            name=f"select-{index}",
            kind=StageKind.SELECT,
            inputs={"model": f"{train}/model", **labels, **asked},
        )
        label = StageSpec(
            index=first + 1,
            name=f"label-{index}",
            kind=StageKind.LABEL,
            inputs={"queries": f"{first}/queries", **labels},
            by_people=stream.oracle == "none",
        )
        inputs = {"labels": f"{first + 1}/labels"}
        if config.model.init == "previous_round":
            inputs["model"] = f"{train}/model"
        stages += [select, label, _train(config, index + 1, inputs, first + 2)]
    return stages


def _check_unit(config: StalConfig, stream: ActiveRoundsStream) -> None:
    name, asked = config.acquisition.name, config.acquisition.query_unit
    units = IMAGE_UNITS if asked is QueryUnit.IMAGE else PART_UNITS
    if stream.budgets and stream.unit not in units:
        raise ConfigError(
            f"acquisition {name.value} asks for {asked.value}s and cannot spend {stream.unit.value}; "
            f"give budgets in {' or '.join(units)}",
            "/stream/unit",
        )


def _train(config: StalConfig, number: int, inputs: dict[str, str], index: int = 0) -> StageSpec:
    return StageSpec(
        index=index,
        name=f"train-{number}",
        kind=StageKind.TRAIN,
        inputs=inputs,
        total_iterations=config.optim.iterations,
    )
