"""Decomposed knowledge distillation: evidence for and against old classes is kept (DKD, NeurIPS 2022; EIR 8.7)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TypeVar

from torch import Tensor

from core.losses.cross_entropy import background_negative, class_bce, sum_of_class_means
from core.losses.distillation import sigmoid_distillation
from core.methods.class_incremental.growing_model import Outputs, reasoning_maps
from core.methods.css_baselines.dkd_config import DkdConfig
from core.methods.css_baselines.learner import Learner, Objective, Terms, learn_step
from core.stage.result import StageFunction
from core.stage.spec import StageKind

D = TypeVar("D", bound=DkdConfig)


def objective_of(learner: Learner[D]) -> Objective:
    """Return mbce · L_bce + kd · L_kd + positive · L_+ + negative · L_− + ac · L_ac; at step 0 only L_bce and L_ac."""
    old_model, weights = learner.old_model, learner.config.loss
    num_old, pos_weight = learner.num_old, weights.pos_weight(learner.step.index)

    def objective(images: Tensor, labels: Tensor) -> Terms:
        outputs = learner.outputs(images)
        new = outputs.logits[:, num_old:]
        factors = new.new_full((new.shape[1],), pos_weight)
        terms = {"mbce": weights.mbce * sum_of_class_means(class_bce(new, labels, num_old, factors))}
        if old_model is not None:
            terms |= _distilled(learner, outputs, learner.old_outputs(old_model, images))
        if weights.ac > 0:
            terms["ac"] = weights.ac * background_negative(outputs.logits)
        return terms

    return objective


def _distilled(learner: Learner[D], new: Outputs, old: Outputs) -> dict[str, Tensor]:
    assert learner.old_model is not None
    weights, num_old, terms = learner.config.loss, learner.num_old, dict[str, Tensor]()
    if weights.kd > 0:
        maps = sigmoid_distillation(new.logits[:, 1:num_old], old.logits[:, 1:])
        terms["kd"] = weights.kd * sum_of_class_means(maps)
    if weights.positive > 0 or weights.negative > 0:
        evidence = reasoning_maps(learner.model.cls, new.features.float())
        evidence_old = reasoning_maps(learner.old_model.cls, old.features.float())
        rows = zip(("positive", "negative"), evidence, evidence_old, strict=True)
        for (name, maps, maps_old), weight in zip(rows, (weights.positive, weights.negative), strict=True):
            if weight > 0:
                terms[name] = weight * sum_of_class_means(sigmoid_distillation(maps[:, : num_old - 1], maps_old))
    return terms


STAGES: Mapping[StageKind, StageFunction[DkdConfig]] = {StageKind.TRAIN: partial(learn_step, objective_of=objective_of)}
