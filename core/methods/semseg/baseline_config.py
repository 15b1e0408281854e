"""Settings of the baseline: Mask R-CNN as torchvision builds it, on the same trunk and stream. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from core.engine.sections import ConfigSection
from core.methods.idle_settings import Idle
from core.methods.semseg.config import DetectorConfig
from core.methods.semseg.idle_settings import idle_of_baseline
from core.methods.semseg.options import MaskTargets, TestOptions, TrunkOptions


class BaselineModelOptions(TrunkOptions):
    """Which network, and what it tells apart."""

    class_agnostic: bool = Field(
        False, description="Learn objects of no particular class: whatever is found is then unknown."
    )


class BaselineHeadOptions(ConfigSection):
    """How many boxes and regions the network looks at."""

    pre_topk: int = Field(1000, ge=1, le=100_000, description="Best proposals of each level.")
    post_topk: int = Field(1000, ge=1, le=100_000, description="Proposals behind the suppression.")
    anchors: int = Field(256, ge=2, le=100_000, description="Anchors of an image that losses look at.")
    regions: int = Field(512, ge=2, le=100_000, description="Regions of an image that losses look at.")


class MaskRcnnConfig(DetectorConfig):
    """Settings of Mask R-CNN.

    A region whose most probable known class has the probability p is at distance 1 - p from the known classes. It is
    unknown beyond the threshold: the usual rejection by softmax.
    """

    model: BaselineModelOptions = Field(default_factory=BaselineModelOptions, description="Network.")
    heads: BaselineHeadOptions = Field(default_factory=BaselineHeadOptions, description="Boxes and regions.")
    eval: TestOptions = Field(default_factory=lambda: TestOptions(unknown_threshold=0.5), description="Evaluation.")

    @property
    def mask_targets(self) -> MaskTargets:
        """Bitmaps: torchvision's heads take no others."""
        return "bitmaps"

    def _idle(self) -> Iterator[Idle]:
        yield from idle_of_baseline(self)
