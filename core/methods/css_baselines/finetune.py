"""Fine-tuning: each step learns only from its own labels (EIR 8.1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from torch import Tensor

from core.losses.cross_entropy import cross_entropy
from core.methods.css_baselines.config import FinetuneConfig
from core.methods.css_baselines.learner import Learner, Objective, Terms, learn_step
from core.stage.result import StageFunction
from core.stage.spec import StageKind


def objective_of(learner: Learner[FinetuneConfig]) -> Objective:
    """Return softmax cross-entropy with old and future classes as background."""

    def objective(images: Tensor, labels: Tensor) -> Terms:
        return {"ce": cross_entropy(learner.outputs(images).logits, labels)}

    return objective


STAGES: Mapping[StageKind, StageFunction[FinetuneConfig]] = {
    StageKind.TRAIN: partial(learn_step, objective_of=objective_of)
}
