"""Settings of SemSeg, with the published values of VOC-COCO as defaults (SemSeg 2 to 6). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from core.data.classes import ClassTable
from core.errors import Fault
from core.methods.base import MethodConfig
from core.methods.idle_settings import Idle, idle_settings
from core.methods.semseg.idle_settings import idle_of_detector, idle_of_semseg
from core.methods.semseg.options import (
    InputOptions,
    LossOptions,
    MaskTargets,
    ModelOptions,
    OptimOptions,
    ProposalOptions,
    RegionOptions,
    TestOptions,
    TrunkOptions,
)
from core.streams.base import TaskStream


class DetectorConfig(MethodConfig):
    """Settings that SemSeg and its baseline share."""

    lowered_on_divergence = ("optim.lr",)
    set_on_divergence = ("optim.clip_norm",)

    model: TrunkOptions = Field(default_factory=TrunkOptions, description="Network.")
    data: InputOptions = Field(default_factory=InputOptions, description="Images.")
    optim: OptimOptions = Field(default_factory=OptimOptions, description="Optimisation.")
    eval: TestOptions = Field(default_factory=TestOptions, description="Evaluation.")

    @property
    def iterations(self) -> int:
        """Iterations of the training, scaled if the schedule is given for another batch size."""
        return max(1, round(self.optim.iterations * self.schedule_scale))

    @property
    def schedule_scale(self) -> float:
        """Factor of the schedule's lengths; the learning rate is divided by it."""
        return 1.0 if self.optim.reference_batch is None else self.optim.reference_batch / self.optim.batch_size

    @property
    def mask_targets(self) -> MaskTargets:
        """Source of the mask targets."""
        return self.data.mask_targets

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:  # noqa: ARG002 - none of them
        """Yield warnings about settings without effect."""
        yield from idle_settings(self, self._idle())

    def _idle(self) -> Iterator[Idle]:
        yield from idle_of_detector(self)

    def testing_in_words(self, has_background: bool) -> str:  # noqa: ARG002 - objects, whatever the pixels are
        """Return the protocol of the evaluation in words."""
        return (
            f"tested at a shorter side of {self.data.test_size}; unknown beyond a distance of "
            f"{self.eval.unknown_threshold} (unknown_threshold); scores of masks, those of boxes begin with box_"
        )


class SemsegConfig(DetectorConfig):
    """Settings of SemSeg."""

    model: ModelOptions = Field(default_factory=ModelOptions, description="Network.")
    proposals: ProposalOptions = Field(default_factory=ProposalOptions, description="Proposals.")
    regions: RegionOptions = Field(default_factory=RegionOptions, description="Regions.")
    loss: LossOptions = Field(default_factory=LossOptions, description="Weights of the losses.")

    def _idle(self) -> Iterator[Idle]:
        yield from idle_of_semseg(self)
