"""The stages of CoaST, a warm-up and a self-training, and those of its bounds. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ConfigError
from core.methods.coast.baseline_config import OracleConfig, SourceOnlyConfig
from core.methods.coast.config import CoastConfig
from core.stage.spec import StageKind, StageSpec
from core.streams.multi_target import MultiTargetStream

MODEL = "model"
"""Output of every stage."""
WARM_UP, SELF_TRAINING = "warmup", "selftrain"
"""Names of the stages."""
NOUN = "stage"
"""Word for a step: the data do not change, so each step is simply a stage of the method."""


def plan_stages(
    config: CoastConfig,
    stream: MultiTargetStream,  # noqa: ARG001 - the same stages whatever the targets
    images_per_step: Sequence[int] | None = None,
) -> list[StageSpec]:
    """Return the plan. It has no warm-up stage if the config names a finished warm-up."""
    lengths = {WARM_UP: config.warm_up.iterations, SELF_TRAINING: config.self_training.iterations}
    names = [WARM_UP, SELF_TRAINING] if config.model.warmed_up is None else [SELF_TRAINING]
    inputs = [{MODEL: f"{index - 1}/{MODEL}"} if index else {} for index in range(len(names))]
    return [
        _stage(index, name, lengths[name], _total(images_per_step), inputs[index]) for index, name in enumerate(names)
    ]


def plan_source_only(
    config: SourceOnlyConfig,
    stream: MultiTargetStream,  # noqa: ARG001 - likewise
    images_per_step: Sequence[int] | None = None,
) -> list[StageSpec]:
    """Return one training on the source."""
    images = None if images_per_step is None else images_per_step[0]
    return [_stage(0, "source", config.training.iterations, images)]


def plan_oracle(
    config: OracleConfig, stream: MultiTargetStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return one training on all targets, or one per target; raise ConfigError if the stream does not read labels."""
    if not stream.target_labels:
        raise ConfigError(
            "the oracle learns from the targets' labels, and the stream does not read them; set target_labels: true",
            "/stream/target_labels",
        )
    iterations, of_targets = config.training.iterations, None if images_per_step is None else images_per_step[1:]
    if config.labels == "union":
        return [_stage(0, "union", iterations, _total(of_targets))]
    return [
        _stage(index, f"oracle-{target}", iterations, None if of_targets is None else of_targets[index])
        for index, target in enumerate(stream.domains)
    ]


def _total(images: Sequence[int] | None) -> int | None:
    return None if images is None else sum(images)


def _stage(
    index: int, name: str, iterations: int, images: int | None, inputs: dict[str, str] | None = None
) -> StageSpec:
    return StageSpec(
        index=index,
        name=name,
        kind=StageKind.TRAIN,
        step=index,
        noun=NOUN,
        inputs=inputs or {},
        total_iterations=iterations,
        images=images,
    )
