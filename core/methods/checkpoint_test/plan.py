"""The one stage of a test. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.methods.checkpoint_test.config import CheckpointTestConfig
from core.methods.checkpoints import imports_of
from core.stage.spec import StageKind, StageSpec
from core.streams.checkpoint_test import CheckpointTestStream


def plan_stages(
    config: CheckpointTestConfig,
    stream: CheckpointTestStream,
    images_per_step: Sequence[int] | None = None,  # noqa: ARG001 - none is learned
) -> list[StageSpec]:
    """Return one stage that tests on all sets."""
    return [
        StageSpec(
            index=0,
            name="test",
            kind=StageKind.EVALUATE,
            step=0,
            noun=stream.noun,
            imports=imports_of(config.checkpoint),
        )
    ]
