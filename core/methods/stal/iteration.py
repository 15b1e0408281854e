"""One training iteration of STAL (STAL 4.1), reading like the algorithm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.inference import resize_logits
from core.engine.loop import Values
from core.engine.teacher_view import TeacherView, teacher_view
from core.methods.stal.data import StalBatch
from core.methods.stal.labelled_step import LabelledPass, LabelledStep
from core.methods.stal.losses import (
    consistency_loss,
    reverse_cross_entropy,
    sampling_rate,
    weighted_cross_entropy,
)
from core.methods.stal.mean_teacher import MeanTeacher
from core.methods.stal.mixed_step import MixedPass, MixedStep
from core.methods.stal.pseudo_labels import confident_labels
from core.methods.stal.schedules import Position
from core.models.deeplabv3plus import SegmentationMaps

SYMMETRIC_WEIGHT = 0.1


@dataclass(frozen=True, eq=False)
class StalIteration:
    """Does one iteration.

    Attributes:
        networks: student and teacher.
        labelled: learns from labels.
        mixed: passes mixed images through both.
        position: finished iterations -> where the training is.
    """

    networks: MeanTeacher
    labelled: LabelledStep
    mixed: MixedStep
    position: Callable[[int], Position]

    def __call__(self, batch: StalBatch, done: int) -> Values:
        """Update the student with one batch and let the teacher follow; return the losses."""
        position = self.position(done)
        self.networks.begin(position)
        labelled = self.labelled(batch)
        losses = dict(labelled.losses)
        if position.taught >= 0:
            losses |= self._against_teacher(batch, labelled, position)
        else:
            self.networks.teach(labelled.views.images)
        return self.networks.update(losses, position)

    def _against_teacher(self, batch: StalBatch, labelled: LabelledPass, position: Position) -> dict[str, Tensor]:
        weight, found = self.networks.config.self_training.weight, self.mixed(batch, labelled, position)
        losses = {
            "consistency": weight * self._on_mixed(found),
            "labelled": weight * self._on_labelled(labelled.logits, found.labelled_teacher),
        }
        return losses | self.mixed.contrast(labelled, found, position)

    def _on_mixed(self, found: MixedPass) -> Tensor:
        loss = self._consistency(found.logits, found.view)
        if self.networks.config.self_training.symmetric_unlabelled:
            loss = loss + SYMMETRIC_WEIGHT * reverse_cross_entropy(found.logits, found.view.labels)
        return loss

    def _on_labelled(self, logits: Tensor, teacher: SegmentationMaps) -> Tensor:
        options = self.networks.config.self_training
        view = teacher_view(resize_logits(teacher.logits, logits.shape[-2:]))
        view = view._replace(labels=confident_labels(view, options.threshold))
        loss = self._consistency(logits, view)
        if options.symmetric_labelled:
            loss = loss + SYMMETRIC_WEIGHT * reverse_cross_entropy(logits, view.labels)
        return loss

    def _consistency(self, logits: Tensor, view: TeacherView) -> Tensor:
        options = self.networks.config.self_training
        if options.loss == "plain":
            return weighted_cross_entropy(logits, view.labels)
        rate = draws = None
        if options.sample:
            rate = sampling_rate(self.networks.state.confidence, options.sample_gamma)
            draws = torch.rand(logits.shape[0], *logits.shape[-2:], device=self.networks.device)
        return consistency_loss(logits, view.labels, view.confidence, options.gamma, rate, draws)
