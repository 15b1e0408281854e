"""Settings of CoaST, with the published values for 7 classes as defaults (CoaST 2 to 6). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from core.data.classes import ClassTable
from core.engine.sections import ConfigSection
from core.errors import Fault
from core.methods.base import MethodConfig
from core.methods.coast.idle_settings import idle_of
from core.methods.coast.options import Head, NetworkOptions, OptimOptions, TestOptions, ViewOptions
from core.methods.idle_settings import idle_settings
from core.server_path import ServerPath
from core.streams.base import TaskStream

HEADS: dict[Head, str] = {
    "agnostic": "the domain-agnostic classifier",
    "specific": "each target's own classifier",
    "mean_softmax": "the mean of all classifiers' probabilities",
}


class CoastNetworkOptions(NetworkOptions):
    """Which network, and how its stages start."""

    warmed_up: ServerPath | None = Field(
        None,
        description="Model folder of another run's warm-up, or a checkpoint of the published code: self-training "
        "starts from it, and no warm-up is made.",
    )


class WarmUpOptions(ConfigSection):
    """Stage 1: one classifier for each target, aligned with it by a discriminator."""

    iterations: int = Field(60_000, ge=1, le=10_000_000, description="Iterations.")
    lr: float = Field(2.5e-4, gt=0, le=10, description="Learning rate of the encoder.")
    head_lr_factor: float = Field(
        10.0, gt=0, le=1000, description="Learning rate of the classifiers over the encoder's."
    )
    adversarial: Literal["vanilla", "ls"] = Field(
        "vanilla", description="Loss of the discriminators: binary cross-entropy, or least squares."
    )
    adversarial_weight: float = Field(0.001, ge=0, le=100, description="Weight of the alignment; 0 learns the source.")
    discriminator_lr: float = Field(1e-4, gt=0, le=10, description="Learning rate of the discriminators (Adam).")
    freeze_bn: bool = Field(True, description="Fix batch-norm statistics, scale and shift.")
    shared_pass: bool = Field(
        True,
        description="Send the source and all targets through the encoder at once; the outcome is the same while batch "
        "norm is frozen.",
    )


class SelfTrainingOptions(ConfigSection):
    """Stage 2: the classifiers teach one another, and all of them the domain-agnostic one."""

    iterations: int = Field(60_000, ge=1, le=10_000_000, description="Iterations.")
    lr: float = Field(1e-4, gt=0, le=10, description="Learning rate of the encoder.")
    head_lr_factor: float = Field(
        1.0, gt=0, le=1000, description="Learning rate of the targets' classifiers over the encoder's."
    )
    agnostic_lr_factor: float = Field(
        10.0, gt=0, le=1000, description="Learning rate of the domain-agnostic classifier over the encoder's."
    )
    freeze_bn: bool = Field(False, description="Fix batch-norm statistics, scale and shift.")
    rectify: bool = Field(True, description="Let pseudo-labels count less where the classifiers disagree.")
    gamma: float = Field(1.0, ge=0, le=1000, description="Gain of the disagreement in exp(-gamma KL).")
    ratio: float = Field(1.0, ge=0, le=100, description="Weight of the losses on stylised views.")
    target_loss_weight: float = Field(
        1.0,
        ge=0,
        le=100,
        description="Weight of the pseudo-label and the consistency loss; 4 restores the balance of the published "
        "runs.",
    )
    distillation: Literal["class_mean", "pixel"] = Field(
        "class_mean", description="Average the distillation over the classes too, as published, or sum over them."
    )


class PseudoLabelOptions(ConfigSection):
    """Rounds of soft pseudo-labels."""

    every: int = Field(
        10_000, ge=0, le=10_000_000, description="Iterations between two rounds; 0 keeps the labels of the start."
    )
    threshold: float = Field(
        -1.0, ge=-1, le=1, description="Least probability of a pseudo-label; -1 keeps every pixel."
    )
    bits: Literal[8, 16] = Field(8, description="Bits that store a probability.")


class FlavourOptions(ConfigSection):
    """Where the published code leaves its publication; `clean` is the publication, `reference` the code."""

    style_mode: Literal["clean", "reference"] = Field(
        "clean", description="Take styles from each target's own images, or from whatever passed through last."
    )
    label_warp: Literal["exact", "reference"] = Field(
        "exact", description="Move labels as their pixels, or by the code's own order and offsets."
    )
    rectify_mode: Literal["pixel", "reference"] = Field(
        "pixel", description="Rectify each pixel, or scale the loss of the batch by one number."
    )
    lr_multiplicity: Literal["none", "reference"] = Field(
        "none", description="Update every tensor once, or the encoder's three to four times an iteration."
    )
    psl_resample: Literal["direct", "chain"] = Field(
        "direct", description="Resample stored soft labels once, or three times in a row."
    )


class CoastTestOptions(TestOptions):
    """How models are tested, which one is kept, and who answers."""

    head: Head = Field(
        "agnostic",
        description="The domain-agnostic classifier, each target's own, or the mean of all classifiers' probabilities. "
        "After the warm-up, which has no agnostic one, each target's own.",
    )


class CoastConfig(MethodConfig):
    """Settings of CoaST."""

    lowered_on_divergence = ("warm_up.lr", "self_training.lr")

    model: CoastNetworkOptions = Field(default_factory=CoastNetworkOptions, description="Network.")
    data: ViewOptions = Field(default_factory=ViewOptions, description="Sizes and weak augmentation.")
    optim: OptimOptions = Field(default_factory=OptimOptions, description="Optimisation of both stages.")
    warm_up: WarmUpOptions = Field(default_factory=WarmUpOptions, description="Stage 1.")
    self_training: SelfTrainingOptions = Field(default_factory=SelfTrainingOptions, description="Stage 2.")
    pseudo_labels: PseudoLabelOptions = Field(default_factory=PseudoLabelOptions, description="Pseudo-labels.")
    flavour: FlavourOptions = Field(default_factory=FlavourOptions, description="Publication or published code.")
    eval: CoastTestOptions = Field(default_factory=CoastTestOptions, description="Evaluation.")

    def testing_in_words(self, has_background: bool) -> str:  # noqa: ARG002 - the best class, whatever the data have
        """Return the protocol of the evaluation in words."""
        return self.eval.in_words(HEADS[self.eval.head])

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:  # noqa: ARG002 - none of them
        """Yield warnings about settings without effect."""
        yield from idle_settings(self, idle_of(self))
