"""Modeling the background: both losses know that it hides old or new classes (MiB, CVPR 2020; EIR 8.4)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from torch import Tensor

from core.losses.cross_entropy import unbiased_cross_entropy
from core.losses.distillation import unbiased_distillation
from core.methods.css_baselines.config import MibConfig
from core.methods.css_baselines.learner import Learner, Objective, Terms, learn_step
from core.stage.result import StageFunction
from core.stage.spec import StageKind


def objective_of(learner: Learner[MibConfig]) -> Objective:
    """Return unbiased cross-entropy + λ · unbiased distillation."""
    old_model, weight = learner.old_model, learner.config.kd_weight

    def objective(images: Tensor, labels: Tensor) -> Terms:
        logits = learner.outputs(images).logits
        terms = {"uce": unbiased_cross_entropy(logits, labels, learner.num_old)}
        if old_model is not None and weight > 0:
            terms["ukd"] = weight * unbiased_distillation(logits, learner.old_logits(old_model, images))
        return terms

    return objective


STAGES: Mapping[StageKind, StageFunction[MibConfig]] = {StageKind.TRAIN: partial(learn_step, objective_of=objective_of)}
