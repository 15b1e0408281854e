"""Plans of methods that train one stage a continual step. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ConfigError
from core.methods.class_incremental.config import OptimConfig
from core.stage.spec import StageKind, StageSpec
from core.streams.class_incremental import ClassIncrementalStream


def plan_steps(
    stream: ClassIncrementalStream,
    optim: OptimConfig,
    images_per_step: Sequence[int] | None,
    outputs: Sequence[str],
    replayed: int = 0,
) -> list[StageSpec]:
    """Return one training stage a step; each takes the outputs of the one before.

    Args:
        stream: the task stream.
        optim: gives iterations, or epochs and batch.
        images_per_step: training images of each step; None where the dataset is not scanned yet.
        outputs: what every stage hands on.
        replayed: memory entries that steps ≥ 1 train on besides their images, at most.

    Raises:
        ConfigError: for a step without images, and for a warm-up longer than a step.
    """
    stages = []
    for index in range(stream.num_steps):
        images = None if images_per_step is None else images_per_step[index]
        if images == 0:
            raise ConfigError(
                f"step {index} has no training image in the setting {stream.setting!r}; move its classes "
                f"{stream.steps[index]} to another step, choose another setting, or add images",
                f"/stream/steps/{index}",
            )
        iterations = _total_iterations(optim, images, replayed if index else 0)
        if iterations is not None:
            optim.require_warmup_fits(iterations, index)
        stages.append(
            StageSpec(
                index=index,
                name="train",
                kind=StageKind.TRAIN,
                step=index,
                noun=stream.noun,
                inputs={name: f"{index - 1}/{name}" for name in outputs} if index else {},
                total_iterations=iterations,
                images=images,
            )
        )
    return stages


def _total_iterations(optim: OptimConfig, images: int | None, replayed: int) -> int | None:
    """Return the iterations of a step (EIR 5); a batch larger than the data is lowered to it."""
    if optim.iterations is not None:
        return optim.iterations
    if images is None:
        return None
    items = images + replayed
    return optim.epochs * (items // min(optim.batch_size, items))
