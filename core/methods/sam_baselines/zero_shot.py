"""SAM without training: its own single mask (CoSAM 5.2)."""

from __future__ import annotations

from collections.abc import Mapping

from core.methods.promptable.evaluation import Routed
from core.methods.promptable.model_files import MODEL, store_model
from core.methods.promptable.step import announce_start, open_step
from core.methods.sam_baselines.config import ZeroShotConfig
from core.models.sam.decoding import decode_with_sam
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def evaluate_domains(context: StageContext[ZeroShotConfig]) -> StageResult:
    """Test SAM on every domain.

    REFERENCE: thresholds masks at 0 before resizing, which makes them larger. Here logits are resized.
    """
    step = open_step(context)
    announce_start(step)
    results = step.evaluate(lambda batch, _images: Routed(decode_with_sam(step.sam.decoder, batch)), 0)
    return StageResult({MODEL: store_model(context, step.sam, {}, (), results)})


STAGES: Mapping[StageKind, StageFunction[ZeroShotConfig]] = {StageKind.EVALUATE: evaluate_domains}
