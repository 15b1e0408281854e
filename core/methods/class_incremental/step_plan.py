"""Plans of methods that train one stage per continual step. Free of torch."""

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
    """Return one training stage per step. Each stage takes the outputs of the stage before.

    Args:
        stream: the task stream.
        optim: gives iterations, or epochs and batch size.
        images_per_step: training images of each step; None if the dataset is not scanned yet.
        outputs: outputs that every stage hands on.
        replayed: most memory entries that steps ≥ 1 add to their images.

    Raises:
        ConfigError: if a step has no images, or a warm-up is longer than its step.
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
    """Return the iterations of a step (EIR 5). A batch size over the number of items is lowered to that number."""
    if optim.iterations is not None:
        return optim.iterations
    if images is None:
        return None
    items = images + replayed
    return optim.epochs * (items // min(optim.batch_size, items))
