from __future__ import annotations

from typing import Any

import pytest

from core.errors import ConfigError
from core.methods.coast.baseline_config import OracleConfig, SourceOnlyConfig
from core.methods.coast.config import CoastConfig
from core.methods.coast.plan import plan_oracle, plan_source_only, plan_stages
from core.streams.multi_target import MultiTargetStream

IMAGES = (10, 3, 4)
"""Of the source and of two targets."""


def stream(**changes: Any) -> MultiTargetStream:
    targets = [{"name": name, "dataset": {"world": "streets", "domain": f"city-{name}"}} for name in "ab"]
    return MultiTargetStream.model_validate({"targets": targets, **changes})


def test_self_training_takes_the_model_of_the_warm_up() -> None:
    warm_up, self_training = plan_stages(CoastConfig(), stream(), IMAGES)

    assert (warm_up.name, self_training.name) == ("warmup", "selftrain")
    assert (warm_up.step, self_training.step, warm_up.noun) == (0, 1, "stage")
    assert (warm_up.inputs, self_training.inputs) == ({}, {"model": "0/model"})
    assert (warm_up.images, warm_up.total_iterations) == (17, 60_000)


def test_there_is_no_warm_up_where_one_is_named() -> None:
    config = CoastConfig.model_validate({"model": {"warmed_up": "models/warm-up"}})

    (only,) = plan_stages(config, stream())

    assert (only.index, only.name, only.inputs) == (0, "selftrain", {})


def test_bounds_learn_from_the_images_that_they_name() -> None:
    labelled = stream(target_labels=True)
    each = plan_oracle(OracleConfig(labels="each"), labelled, IMAGES)

    assert [stage.images for stage in plan_source_only(SourceOnlyConfig(), stream(), IMAGES)] == [10]
    assert [stage.images for stage in plan_oracle(OracleConfig(), labelled, IMAGES)] == [7]
    assert [(stage.name, stage.step, stage.images) for stage in each] == [("oracle-a", 0, 3), ("oracle-b", 1, 4)]


def test_an_oracle_without_the_labels_of_the_targets_is_refused() -> None:
    with pytest.raises(ConfigError, match="set target_labels: true") as caught:
        plan_oracle(OracleConfig(), stream())

    assert caught.value.pointer == "/stream/target_labels"
