"""PLOP: local POD and entropy-based pseudo labels (CVPR 2021; EIR 8.5)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.loaders import Item, evaluation_batches
from core.engine.testing import unless_stopped
from core.losses.cross_entropy import cross_entropy
from core.losses.pooled_features import local_pod
from core.methods.class_incremental.growing_model import Maps, SegmentationModel
from core.methods.class_incremental.step_model import evaluate_step, store_step_model
from core.methods.css_baselines.config import PlopConfig
from core.methods.css_baselines.learner import Learner, Objective, Terms, open_learner, train_learner
from core.methods.css_baselines.plop_pseudo_labels import (
    ExactMedians,
    Medians,
    ReferenceMedians,
    apply_pseudo_labels,
    normalised_entropy,
    reference_entropy,
    thresholds_from,
)
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind

THRESHOLDS = "thresholds"


def learn_step(context: StageContext[PlopConfig]) -> StageResult:
    """Learn the classes of one continual step beside the old model's certain labels and pooled features."""
    learner = open_learner(context)
    thresholds = Thresholds(learner)
    iterations = train_learner(learner, objective_of(learner, thresholds), {THRESHOLDS: thresholds})
    evaluate_step(context, context.config, learner.model, iterations)
    return StageResult(outputs={"model": store_step_model(context, context.config, learner.model)})


def objective_of(learner: Learner[PlopConfig], thresholds: Thresholds) -> Objective:
    """Return cross-entropy of pseudo labels, weighted by image, + local POD."""
    old_model, config = learner.old_model, learner.config

    def objective(images: Tensor, labels: Tensor) -> Terms:
        if old_model is None:
            return {"ce": cross_entropy(learner.outputs(images).logits, labels)}
        new, old = learner.maps(images), learner.old_maps(old_model, images)
        factors = new.logits.new_ones(len(images))
        if config.plop.pseudo_labels:
            num_channels, compat = learner.model.num_channels, config.plop.code_compat
            pseudo = apply_pseudo_labels(labels, old.logits, thresholds.of(old_model), num_channels, code_compat=compat)
            labels, factors = pseudo
        return {"ce": weighted_cross_entropy(new.logits, labels, factors), "pod": _pod(new, old, config)}

    return objective


def weighted_cross_entropy(logits: Tensor, labels: Tensor, factors: Tensor) -> Tensor:
    """Return the mean over all pixels, ignored ones included, of the cross-entropy times the image's factor.

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 channels or 255, which costs nothing.
        factors: (B,).
    """
    losses = F.cross_entropy(logits, labels, ignore_index=IGNORE_INDEX, reduction="none")
    return (losses * factors[:, None, None]).mean()


def _pod(new: Maps, old: Maps, config: PlopConfig) -> Tensor:
    options = config.plop
    taps, taps_old = _tapped(new, options.tap), _tapped(old, options.tap)
    factors = options.feature_factor, options.logit_factor
    return local_pod(taps, taps_old, new.coarse_logits, old.coarse_logits, *factors)


def _tapped(maps: Maps, tap: str) -> list[Tensor]:
    """Return the distilled feature maps. REFERENCE: an in-place ReLU overwrites them, so they are post-activation."""
    taps = [one.float() for one in maps.taps]
    return taps if tap == "pre" else [one.relu() for one in taps]


class Thresholds:
    """The largest accepted entropy of each old class: found before the first iteration, kept in checkpoints."""

    def __init__(self, learner: Learner[PlopConfig]) -> None:
        self._learner = learner
        self._values: Tensor | None = None

    def of(self, old_model: SegmentationModel) -> Tensor:
        """Return the thresholds (T,) or longer; the first call reads all training images."""
        if self._values is None:
            self._values = find_thresholds(self._learner, old_model)
        return self._values

    def state(self) -> dict[str, Any]:
        """Return the thresholds as JSON data."""
        return {"values": None if self._values is None else self._values.tolist()}

    def restore(self, state: dict[str, Any]) -> None:
        """Load the thresholds of a checkpoint."""
        if state["values"] is not None:
            self._values = torch.tensor(state["values"], device=self._learner.context.device)


def find_thresholds(learner: Learner[PlopConfig], old_model: SegmentationModel) -> Tensor:
    """Return the median entropy of each old class over the step's background pixels, as augmented in the first epoch.

    Raises:
        StageInterrupted: if the stage was asked to stop.
    """
    context, compat = learner.context, learner.config.plop.code_compat
    num_channels = learner.model.num_channels
    medians: Medians = (
        ReferenceMedians(num_channels, context.device) if compat else ExactMedians(learner.num_old, context.device)
    )

    def item(position: int) -> Item:
        return learner.items.item(position, learner.batches.augmentation(0, position))

    for number in range(medians.passes):
        batches = evaluation_batches(item, range(len(learner.items)), learner.batches.batch_size)
        for batch in unless_stopped(batches, context.stop, 0):
            labels = batch.labels.to(context.device, non_blocking=True)
            logits = learner.old_logits(old_model, batch.images.to(context.device, non_blocking=True))
            probs = logits.softmax(dim=1)
            entropy = reference_entropy(probs) / math.log(num_channels) if compat else normalised_entropy(probs)
            medians.add(entropy, probs.argmax(dim=1), labels == 0, number)
    return thresholds_from(medians.medians())


STAGES: Mapping[StageKind, StageFunction[PlopConfig]] = {StageKind.TRAIN: learn_step}
