"""SSUL-M: SSUL whose batches are half images of earlier steps (NeurIPS 2021; EIR 8.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from core.methods.class_incremental.step_data import open_training_images
from core.methods.class_incremental.step_model import evaluate_step, step_of, store_step_model
from core.methods.css_baselines.image_memory import HalfReplay, ImagesWithReplay, previous_memory, renew_memory
from core.methods.css_baselines.learner import open_learner
from core.methods.css_baselines.saliency import MarkedImages
from core.methods.css_baselines.ssul import train_heads, with_unknown
from core.methods.css_baselines.ssul_config import SsulMConfig
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def learn_step(context: StageContext[SsulMConfig]) -> StageResult:
    """Learn the classes of one continual step beside the kept images; then choose the images to keep."""
    step, config = step_of(context), context.config
    memory = previous_memory(context)
    images = open_training_images(context, step, config.data)
    marked = with_unknown(context, images)
    marks = marked.dataset if isinstance(marked.dataset, MarkedImages) else None
    if marks is not None:
        marks.maps.require(entry.source for entry in memory.entries)
    learner = open_learner(context, marked)
    learner = replace(
        learner,
        items=ImagesWithReplay(marked, memory.entries, step, marks),
        batches=HalfReplay(**asdict(learner.batches), num_kept=len(memory.entries)),
    )
    iterations = train_heads(learner)
    evaluate_step(context, config, learner.model, iterations)
    kept = renew_memory(learner, memory, images, config.memory)
    return StageResult(outputs={"model": store_step_model(context, config, learner.model), "memory": kept})


STAGES: Mapping[StageKind, StageFunction[SsulMConfig]] = {StageKind.TRAIN: learn_step}
