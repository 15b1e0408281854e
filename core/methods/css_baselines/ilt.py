"""ILT: LwF, and features that stay near those of the old model (ICCV workshops 2019; EIR 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch.nn.functional as F
from torch import Tensor

from core.losses.cross_entropy import cross_entropy
from core.losses.distillation import restricted_distillation
from core.methods.css_baselines.config import IltConfig
from core.methods.css_baselines.learner import Learner, Objective, Terms, learn_step
from core.stage.result import StageFunction
from core.stage.spec import StageKind


def objective_of(learner: Learner[IltConfig]) -> Objective:
    """Return cross-entropy + λ · distillation of logits + λ_f · mean squared difference of the encoders' outputs."""
    old_model, config = learner.old_model, learner.config

    def objective(images: Tensor, labels: Tensor) -> Terms:
        if old_model is None:
            return {"ce": cross_entropy(learner.outputs(images).logits, labels)}
        new, old = learner.maps(images), learner.old_maps(old_model, images)
        terms = {"ce": cross_entropy(new.logits, labels)}
        if config.kd_weight > 0:
            terms["kd"] = config.kd_weight * restricted_distillation(new.logits, old.logits)
        if config.feature_weight > 0:
            terms["features"] = config.feature_weight * F.mse_loss(new.encoded.float(), old.encoded.float())
        return terms

    return objective


STAGES: Mapping[StageKind, StageFunction[IltConfig]] = {StageKind.TRAIN: partial(learn_step, objective_of=objective_of)}
