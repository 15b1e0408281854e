"""Elastic weight consolidation: important weights stay near their values (EWC, PNAS 2017; EIR 8.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from core.data.loaders import training_batches
from core.losses.cross_entropy import cross_entropy
from core.losses.elastic import combined_importance, elastic_penalty, mean_squared_gradients
from core.methods.class_incremental.step_model import evaluate_step, store_step_model
from core.methods.css_baselines.config import EwcConfig
from core.methods.css_baselines.learner import Learner, Objective, Terms, open_learner, train_learner
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.stage.interrupt import StageInterrupted
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from core.tensor_files import read_tensors, write_tensors

IMPORTANCE = "importance"
IMPORTANCE_FILE = f"{ARTIFACT_DIR}/{IMPORTANCE}.safetensors"


def learn_step(context: StageContext[EwcConfig]) -> StageResult:
    """Learn the classes of one continual step; then measure how important each weight is for it."""
    learner = open_learner(context)
    before = previous_importance(context)
    iterations = train_learner(learner, objective_of(learner, before))
    evaluate_step(context, context.config, learner.model, iterations)
    options = context.config.ewc
    own = importance(learner, iterations)
    model = store_step_model(context, context.config, learner.model)
    write_tensors(context.folder / IMPORTANCE_FILE, combined_importance(before, own, options.fisher, options.decay))
    return StageResult(outputs={"model": model, IMPORTANCE: IMPORTANCE_FILE})


def objective_of(learner: Learner[EwcConfig], before: Mapping[str, Tensor]) -> Objective:
    """Return cross-entropy + λ/2 · Σ F·(θ − θ*)² over the weights of the previous step."""
    weight = learner.config.ewc.weight
    parameters = dict(learner.model.named_parameters())
    anchors = {name: parameters[name].detach().clone() for name in before}

    def objective(images: Tensor, labels: Tensor) -> Terms:
        terms = {"ce": cross_entropy(learner.outputs(images).logits, labels)}
        if before and weight > 0:
            terms["ewc"] = weight / 2 * elastic_penalty(parameters, anchors, before)
        return terms

    return objective


def previous_importance(context: StageContext[EwcConfig]) -> dict[str, Tensor]:
    """Return the importance of the previous step's weights by name; empty at the base step."""
    path = context.inputs.get(IMPORTANCE)
    return {} if path is None else {name: F.to(context.device) for name, F in read_tensors(path).items()}


def importance(learner: Learner[EwcConfig], done: int) -> dict[str, Tensor]:
    """Return the Fisher information of the step: mean squared gradients over batches, in evaluation mode."""
    context, model = learner.context, learner.model
    batches = learner.config.ewc.batches or learner.batches.per_epoch

    def losses() -> Iterator[Tensor]:
        for batch in training_batches(learner.batches, learner.items.item, done, done + batches):
            if context.stop.requested:
                raise StageInterrupted(done)
            images, labels = batch.images.to(context.device), batch.labels.to(context.device)
            yield cross_entropy(learner.outputs(images).logits, labels)

    model.eval()
    with torch.enable_grad():
        trained = {name: one for name, one in model.named_parameters() if one.requires_grad}
        return mean_squared_gradients(losses(), trained)


STAGES: Mapping[StageKind, StageFunction[EwcConfig]] = {StageKind.TRAIN: learn_step}
