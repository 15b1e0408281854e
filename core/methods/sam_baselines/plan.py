"""The stages of the baselines: one per domain, or a single one. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ConfigError
from core.methods.promptable.config import TrainedConfig
from core.methods.promptable.plan import plan_domains, plan_once
from core.methods.sam_baselines.config import ErConfig, JointConfig, L2pConfig, ZeroShotConfig
from core.stage.spec import StageKind, StageSpec
from core.streams.domain_sequence import DomainSequenceStream

Images = Sequence[int] | None


def plan_sequence(config: TrainedConfig, stream: DomainSequenceStream, images: Images = None) -> list[StageSpec]:
    """Return one training per domain, each starting from the previous model."""
    return plan_domains(config.optim, stream, images, ("model",))


def plan_replay(config: ErConfig, stream: DomainSequenceStream, images: Images = None) -> list[StageSpec]:
    """Return one training per domain, each with the memory of earlier domains."""
    return plan_domains(config.optim, stream, images, ("model", "memory"), config.memory.count)


def plan_prompts(config: L2pConfig, stream: DomainSequenceStream, images: Images = None) -> list[StageSpec]:
    """Return one training per domain; raise ConfigError if the pool has too few prompts for separate ones."""
    needed = config.top_k * stream.num_steps
    if config.use_prompt_mask and needed > config.prompts:
        raise ConfigError(
            f"{stream.num_steps} domains with {config.top_k} prompts of their own need {needed}, and the pool has "
            f"{config.prompts}; raise prompts, lower top_k, or switch use_prompt_mask off",
            "/config/prompts",
        )
    return plan_domains(config.optim, stream, images, ("model",))


def plan_joint(config: JointConfig, stream: DomainSequenceStream, images: Images = None) -> list[StageSpec]:
    """Return one training on the images of all domains."""
    return plan_once(StageKind.TRAIN, "learn-all", config.optim, stream, images)


def plan_zero_shot(_config: ZeroShotConfig, stream: DomainSequenceStream, images: Images = None) -> list[StageSpec]:
    """Return one test."""
    return plan_once(StageKind.EVALUATE, "test", None, stream, images)
