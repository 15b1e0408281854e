"""The stages of STAL: train, then select, label and train again for every budget. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.methods.base import StageKind, StageSpec
from core.methods.stal.config import StalConfig
from core.streams.active_rounds import ActiveRoundsStream


def plan_stages(
    config: StalConfig, stream: ActiveRoundsStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan.

    Args:
        config: gives the iterations of a round.
        stream: the rounds and their budgets.
        images_per_step: training images of the target as the only entry, where the dataset has been scanned.

    Raises:
        ConfigError: when the pool cannot meet a budget.
    """
    if images_per_step is not None:
        stream.check_pool(images_per_step[0])
    stages = [_train(config, 0, {})]
    for index in range(len(stream.budgets)):
        first = len(stages)
        train, labels = first - 1, {"labels": f"{first - 2}/labels"} if index else {}
        asked = {"asked": f"{first - 3}/asked"} if index else {}
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
        )
        inputs = {"labels": f"{first + 1}/labels"}
        if config.model.init == "previous_round":
            inputs["model"] = f"{train}/model"
        stages += [select, label, _train(config, index + 1, inputs, first + 2)]
    return stages


def _train(config: StalConfig, number: int, inputs: dict[str, str], index: int = 0) -> StageSpec:
    return StageSpec(
        index=index,
        name=f"train-{number}",
        kind=StageKind.TRAIN,
        inputs=inputs,
        total_iterations=config.optim.iterations,
    )
