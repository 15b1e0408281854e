"""Settings of domain adaptation's bounds: training on the source only, and on the targets' labels. Free of torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.engine.sections import ConfigSection
from core.methods.base import MethodConfig
from core.methods.coast.options import NetworkOptions, OptimOptions, TestOptions, ViewOptions


class TrainingOptions(ConfigSection):
    """Training against labels."""

    iterations: int = Field(60_000, ge=1, le=10_000_000, description="Iterations.")
    lr: float = Field(2.5e-4, gt=0, le=10, description="Learning rate of the encoder.")
    head_lr_factor: float = Field(
        10.0, gt=0, le=1000, description="Learning rate of the classifier over the encoder's."
    )
    freeze_bn: bool = Field(False, description="Fix batch-norm statistics, scale and shift.")


class SourceOnlyConfig(MethodConfig):
    """Settings of a training on the source alone."""

    lowered_on_divergence = ("training.lr",)

    model: NetworkOptions = Field(default_factory=NetworkOptions, description="Network.")
    data: ViewOptions = Field(default_factory=ViewOptions, description="Sizes and augmentation.")
    optim: OptimOptions = Field(default_factory=OptimOptions, description="Optimisation.")
    training: TrainingOptions = Field(default_factory=TrainingOptions, description="Length and rates.")
    eval: TestOptions = Field(default_factory=TestOptions, description="Evaluation.")

    def testing_in_words(self, has_background: bool) -> str:  # noqa: ARG002 - the best class, whatever the data have
        """Return the protocol of the evaluation in words."""
        return self.eval.in_words("the classifier")


class OracleConfig(SourceOnlyConfig):
    """Settings of a training on the targets' own labels."""

    labels: Literal["union", "each"] = Field(
        "union", description="One model of all targets' labels, or one model for each target."
    )
