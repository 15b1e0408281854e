"""Settings of SemSeg and its baseline that have no effect beside other settings. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.methods.idle_settings import Idle

if TYPE_CHECKING:
    from core.methods.semseg.baseline_config import MaskRcnnConfig
    from core.methods.semseg.config import DetectorConfig, SemsegConfig


def idle_of_detector(config: DetectorConfig) -> Iterator[Idle]:
    """Yield the settings without effect in either method."""
    yield Idle(("execution.precision",), "detectors compute in float32, as published")
    if config.model.name == "tiny":
        yield Idle(
            ("model.backbone_weights", "model.weights_style"), "model.name is tiny, for which there are no weights"
        )


def idle_of_semseg(config: SemsegConfig) -> Iterator[Idle]:
    """Yield the settings without effect in SemSeg."""
    yield from idle_of_detector(config)
    if config.proposals.post_process == "none":
        names = ("nms_train", "nms_test", "post_topk_train", "post_topk_test")
        yield Idle(tuple(f"proposals.{name}" for name in names), "proposals.post_process is none, so all boxes go on")


def idle_of_baseline(config: MaskRcnnConfig) -> Iterator[Idle]:
    """Yield the settings without effect in Mask R-CNN."""
    yield from idle_of_detector(config)
    yield Idle(("data.mask_targets",), "Mask R-CNN learns masks from bitmaps")
    yield Idle(("eval.region_score", "eval.region_topk", "eval.score_mode"), "Mask R-CNN scores objects by their class")
    if config.model.class_agnostic:
        yield Idle(("eval.unknown_threshold",), "model.class_agnostic is on, so everything is unknown")
