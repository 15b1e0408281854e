"""SSUL: a frozen network, a head per step, and a class of unknown objects (NeurIPS 2021; EIR 8.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from core.losses.cross_entropy import bce_onehot
from core.losses.sparse_target import SparseTarget
from core.methods.class_incremental.pseudo_labels import pseudo_label
from core.methods.class_incremental.step_data import StepImages, open_training_images
from core.methods.class_incremental.step_model import evaluate_step, step_of, store_step_model
from core.methods.css_baselines.learner import Learner, Objective, Terms, open_learner, train_learner
from core.methods.css_baselines.saliency import MarkedImages, SaliencyMaps, free_id
from core.methods.css_baselines.ssul_config import SsulConfig
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind

S = TypeVar("S", bound=SsulConfig)


def learn_step(context: StageContext[SsulConfig]) -> StageResult:
    """Learn the classes of one continual step with its own head, all earlier ones fixed."""
    images = open_training_images(context, step_of(context), context.config.data)
    learner = open_learner(context, with_unknown(context, images))
    iterations = train_heads(learner)
    evaluate_step(context, context.config, learner.model, iterations)
    return StageResult(outputs={"model": store_step_model(context, context.config, learner.model)})


def with_unknown(context: StageContext[S], images: StepImages) -> StepImages:
    """Give salient background the channel after those of all classes; images as they are where the unknown is off.

    Raises:
        ConfigError: if there is no folder of saliency maps.
        DataFaultError: if an image has none.
    """
    options, dataset = context.config.ssul, images.dataset
    if not options.unknown:
        return images
    context.config.check_against(dataset.classes)
    maps = SaliencyMaps(Path(str(options.saliency_root)))
    maps.require(dataset.ids[index] for index in images.indices)
    table, mark = images.table.copy(), free_id(dataset.classes)
    hidden = table == 0
    table[mark] = 1 + len(step_of(context).seen_classes)
    return replace(images, dataset=MarkedImages(dataset, maps, hidden, mark), table=table)


def train_heads(learner: Learner[S]) -> int:
    """Train the network at step 0, and at later steps the heads of the new classes, unknown and background alone."""
    if learner.step.index:
        model = learner.model
        unknown = [] if model.unknown is None else [model.unknown]
        model.train_only([model.cls.heads[0], model.cls.heads[-1], *unknown])
    return train_learner(learner, objective_of(learner), optimizer=optimizer_of(learner))


def optimizer_of(learner: Learner[S]) -> torch.optim.SGD:
    """Return SGD with a learning rate for each part; at steps ≥ 1 the background's head hardly moves."""
    model, optim, step = learner.model, learner.config.optim, learner.step.index
    lr = optim.lr_step if step else optim.lr_base
    new_lr = lr * optim.head_lr_factor
    background_lr = new_lr * (learner.config.ssul.background_lr_factor if step else 1)
    parts = [
        ("backbone", model.backbone, lr),
        ("aspp", model.aspp, new_lr),
        ("background", model.cls.heads[0], background_lr),
        ("new_head", model.cls.heads[-1], new_lr),
        ("unknown", model.unknown, new_lr),
    ]
    groups = [
        {"params": trained, "name": name, "lr": rate, "base_lr": rate, "weight_decay": optim.weight_decay}
        for name, part, rate in parts
        if part is not None and (trained := [one for one in part.parameters() if one.requires_grad])
    ]
    return torch.optim.SGD(groups, lr=lr, momentum=optim.momentum, nesterov=optim.nesterov)


def objective_of(learner: Learner[S]) -> Objective:
    """Return BCE of every channel against one-hot labels, in which the old model's classes replace background."""

    def objective(images: Tensor, labels: Tensor) -> Terms:
        outputs = learner.outputs(images)
        target = SparseTarget.from_labels(_completed(learner, outputs.features, labels))
        return {"bce": bce_onehot(outputs.logits, target)}

    return objective


@torch.no_grad()
def _completed(learner: Learner[S], features: Tensor, labels: Tensor) -> Tensor:
    """Replace background and unknown by the old model's classes where it is certain of them."""
    old_model, unknown_channel = learner.old_model, learner.model.num_channels
    if old_model is None:
        return labels
    # The trunk is fixed and in evaluation mode: these are the old model's features, bit for bit.
    old = old_model.logits_of(features.detach(), labels.shape[-2:])
    if old_model.unknown is not None:
        # Where the unknown wins, no class is accepted, as where the background wins.
        old = torch.cat([torch.maximum(old[:, :1], old[:, -1:]), old[:, 1:-1]], dim=1)
    is_unknown = labels == unknown_channel
    found = pseudo_label(labels.masked_fill(is_unknown, 0), old, learner.config.ssul.threshold)
    return torch.where(is_unknown & (found == 0), unknown_channel, found)


STAGES: Mapping[StageKind, StageFunction[SsulConfig]] = {StageKind.TRAIN: learn_step}
