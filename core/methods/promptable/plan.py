"""Plans of methods that learn one domain per stage. Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.methods.promptable.config import SamOptimConfig
from core.stage.spec import StageKind, StageSpec
from core.streams.domain_sequence import DomainSequenceStream

Replayed = Callable[[int, int], int]
"""(position of the domain, its training images) -> number of replayed images of earlier domains."""


def plan_domains(
    optim: SamOptimConfig,
    stream: DomainSequenceStream,
    images_per_step: Sequence[int] | None,
    outputs: Sequence[str],
    replayed: Replayed = lambda _index, _images: 0,
) -> list[StageSpec]:
    """Return one training stage per domain. Each stage takes the outputs of the stage before.

    Args:
        optim: gives iterations, or epochs and batch.
        stream: the task stream.
        images_per_step: training images of each domain; None if they are not counted yet.
        outputs: outputs that every stage hands on.
        replayed: gives the number of replayed images of a stage.

    Raises:
        ConfigError: if a table of learning rates has another number of domains.
    """
    optim.rate_of(0, len(stream.names))
    counts: Sequence[int | None] = [None] * stream.num_steps if images_per_step is None else images_per_step
    return [
        StageSpec(
            index=index,
            name=f"learn-{name}",
            kind=StageKind.TRAIN,
            step=index,
            noun=stream.noun,
            inputs={output: f"{index - 1}/{output}" for output in outputs} if index else {},
            total_iterations=iterations_of(optim, images, 0 if images is None else replayed(index, images)),
            images=images,
        )
        for index, (name, images) in enumerate(zip(stream.domains, counts, strict=True))
    ]


def plan_once(
    kind: StageKind, name: str, optim: SamOptimConfig | None, stream: DomainSequenceStream, images: Sequence[int] | None
) -> list[StageSpec]:
    """Return a single stage, followed by the test on all domains."""
    total = None if images is None else sum(images)
    iterations = None if optim is None else iterations_of(optim, total, 0)
    last = stream.num_steps - 1
    return [
        StageSpec(index=0, name=name, kind=kind, step=last, noun=stream.noun, total_iterations=iterations, images=total)
    ]


def iterations_of(optim: SamOptimConfig, images: int | None, replayed: int) -> int | None:
    """Return the iterations of a training; None if unknown. An incomplete batch is dropped."""
    if optim.iterations is not None or images is None:
        return optim.iterations
    items = images + replayed
    return optim.epochs * max(1, items // min(optim.batch_size, max(1, items)))
