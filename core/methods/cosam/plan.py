"""The stages of CoSAM: one training per domain. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.methods.cosam.config import CosamConfig
from core.methods.promptable.plan import plan_domains
from core.stage.spec import StageSpec
from core.streams.domain_sequence import DomainSequenceStream


def plan_stages(
    config: CosamConfig, stream: DomainSequenceStream, images_per_step: Sequence[int] | None = None
) -> list[StageSpec]:
    """Return the plan. Each stage takes the adapters and memory of the stage before."""
    left = None if images_per_step is None else [images - set_aside(config, images) for images in images_per_step]
    return plan_domains(config.optim, stream, left, ("model", "memory"))


def set_aside(config: CosamConfig, images: int) -> int:
    """Return the number of training images set aside to choose the epoch. Keeps at least one to train on."""
    if config.adapter_select == "last" or images < 2:
        return 0
    return min(images - 1, max(1, round(config.val_share * images)))
