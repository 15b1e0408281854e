"""Learning without forgetting: the old channels keep the old model's answers (LwF, TPAMI 2018; EIR 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from torch import Tensor

from core.losses.cross_entropy import cross_entropy
from core.losses.distillation import restricted_distillation
from core.methods.css_baselines.config import LwfConfig
from core.methods.css_baselines.learner import Learner, Objective, Terms, learn_step
from core.stage.result import StageFunction
from core.stage.spec import StageKind


def objective_of(learner: Learner[LwfConfig]) -> Objective:
    """Return cross-entropy + λ · distillation among the old channels."""
    old_model, weight = learner.old_model, learner.config.kd_weight

    def objective(images: Tensor, labels: Tensor) -> Terms:
        logits = learner.outputs(images).logits
        terms = {"ce": cross_entropy(logits, labels)}
        if old_model is not None and weight > 0:
            terms["kd"] = weight * restricted_distillation(logits, learner.old_logits(old_model, images))
        return terms

    return objective


STAGES: Mapping[StageKind, StageFunction[LwfConfig]] = {StageKind.TRAIN: partial(learn_step, objective_of=objective_of)}
