"""Settings of the baselines on frozen SAM; defaults are the published ones (CoSAM 5.2). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from core.engine.sections import ConfigSection
from core.memory.images import ImageChoice
from core.methods.idle_settings import Idle
from core.methods.promptable.config import PromptableConfig, TrainedConfig


class ZeroShotConfig(PromptableConfig):
    """Settings of SAM without training."""

    def idle(self) -> Iterator[Idle]:
        """Yield what plays no part."""
        yield from super().idle()
        yield Idle(("model.head_checkpoint", "eval.output"), "SAM's own mask is scored, and no head is used")


class NaiveConfig(TrainedConfig):
    """Settings of fine-tuning one head on one domain after the other."""


class JointConfig(TrainedConfig):
    """Settings of training on all domains at once."""

    def idle(self) -> Iterator[Idle]:
        """Yield what plays no part."""
        yield from super().idle()
        yield Idle(("optim.best_lr", "optim.domain_lr"), "all domains are learned at once, at optim.lr")


class LwfConfig(TrainedConfig):
    """Settings of learning without forgetting."""

    distill_weight: float = Field(
        3.0, ge=0, le=1000, description="Weight of the loss towards the old head's masks; the published code has 1."
    )


class ReplayConfig(ConfigSection):
    """Images of earlier domains that are learned again."""

    per_domain: int = Field(10, ge=0, le=100_000, description="Images kept of each domain.")
    select: ImageChoice = Field(
        "random",
        description="Which images are kept.",
        json_schema_extra={"x-labels": {"random": "drawn by the seed", "first": "the first by name"}},
    )
    ratio: float | None = Field(
        None, gt=0, lt=1, description="Share of replayed images in the training set; none takes each once an epoch."
    )

    def count(self, place: int, images: int) -> int:
        """Return the number of replayed images in the training set of a domain.

        Args:
            place: position of the domain in the order of learning.
            images: number of the domain's own images.
        """
        kept = place * self.per_domain
        if self.ratio is None or not kept:
            return kept
        return max(1, round(self.ratio / (1 - self.ratio) * images))


class ErConfig(TrainedConfig):
    """Settings of experience replay."""

    memory: ReplayConfig = Field(default_factory=ReplayConfig, description="Replayed images.")

    def idle(self) -> Iterator[Idle]:
        """Yield what plays no part as the other settings stand."""
        yield from super().idle()
        if self.memory.per_domain == 0:
            yield Idle(("memory.select", "memory.ratio"), "memory.per_domain is 0, so nothing is replayed")


class EwcConfig(TrainedConfig):
    """Settings of elastic weight consolidation."""

    ewc_weight: float = Field(
        10.0, ge=0, le=1e9, description="Weight of the penalty for leaving old weights; the published code has 0.7."
    )
    fisher: Literal["last", "sum", "online"] = Field(
        "last",
        description="Whose importance of weights counts.",
        json_schema_extra={
            "x-labels": {
                "last": "that of the last domain, as published",
                "sum": "the sum over all domains",
                "online": "a fading sum",
            }
        },
    )
    fisher_decay: float = Field(0.9, ge=0, le=1, description="What stays of the fading sum with each domain.")

    def idle(self) -> Iterator[Idle]:
        """Yield what plays no part as the other settings stand."""
        yield from super().idle()
        if self.fisher != "online":
            yield Idle(("fisher_decay",), "earlier domains fade only with fisher: online")


class L2pConfig(TrainedConfig):
    """Settings of learning to prompt."""

    prompts: int = Field(40, ge=1, le=10_000, description="Prompts of the pool.")
    prompt_length: int = Field(5, ge=1, le=1000, description="Tokens of a prompt.")
    top_k: int = Field(5, ge=1, le=1000, description="Prompts that an image gets.")
    query: Literal["mean", "max", "mean_max"] = Field("mean", description="How an embedding becomes a query.")
    batchwise: bool = Field(True, description="All images of a batch get the prompts that most of them would choose.")
    key_match_weight: float = Field(1.0, ge=0, le=1000, description="Weight of the similarity of queries and keys.")
    use_prompt_mask: bool = Field(
        True, description="Each domain trains prompts of its own, and only tests choose; as the published command."
    )

    @model_validator(mode="after")
    def _enough_prompts(self) -> L2pConfig:
        if self.top_k > self.prompts:
            raise ValueError(f"top_k {self.top_k} is more than the {self.prompts} prompts of the pool")
        return self
