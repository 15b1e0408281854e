"""DKD-M: DKD that also trains on kept images of earlier steps (NeurIPS 2022; EIR 8.7)."""

from __future__ import annotations

from collections.abc import Mapping

from core.methods.class_incremental.step_data import open_training_images
from core.methods.class_incremental.step_model import evaluate_step, step_of, store_step_model
from core.methods.css_baselines.dkd import objective_of
from core.methods.css_baselines.dkd_config import DkdMConfig
from core.methods.css_baselines.image_memory import ImagesWithReplay, previous_memory, renew_memory
from core.methods.css_baselines.learner import open_learner, train_learner
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def learn_step(context: StageContext[DkdMConfig]) -> StageResult:
    """Learn the classes of one continual step beside the kept images; then choose the images to keep."""
    step, config = step_of(context), context.config
    memory = previous_memory(context)
    images = open_training_images(context, step, config.data)
    learner = open_learner(context, ImagesWithReplay(images, memory.entries, step))
    iterations = train_learner(learner, objective_of(learner))
    evaluate_step(context, config, learner.model, iterations)
    kept = renew_memory(learner, memory, images, config.memory)
    return StageResult(outputs={"model": store_step_model(context, config, learner.model), "memory": kept})


STAGES: Mapping[StageKind, StageFunction[DkdMConfig]] = {StageKind.TRAIN: learn_step}
