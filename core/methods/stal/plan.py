"""The stages of STAL: train, then select, label and train again for every budget. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.acquisition.round_plan import plan_rounds
from core.methods.stal.config import StalConfig
from core.stage.spec import StageSpec
from core.streams.active_rounds import ActiveRoundsStream


def plan_stages(
    config: StalConfig, stream: ActiveRoundsStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan; raise ConfigError if the pool is too small for a budget or the function cannot spend it."""
    goes_on = config.model.init == "previous_round"
    return plan_rounds(stream, config.acquisition, config.optim.iterations, images_per_step, goes_on=goes_on)
