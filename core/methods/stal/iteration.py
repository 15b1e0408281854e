"""One training iteration of STAL (STAL 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.inference import resize_logits
from core.engine.teacher_view import TeacherView, teacher_view
from core.methods.stal.data import StalBatch
from core.methods.stal.labelled_step import LabelledPass
from core.methods.stal.losses import (
    consistency_loss,
    reverse_cross_entropy,
    sampling_rate,
    weighted_cross_entropy,
)
from core.methods.stal.mixed_step import MixedPass
from core.methods.stal.pseudo_labels import confident_labels
from core.methods.stal.schedules import Position
from core.methods.stal.taught_iteration import SYMMETRIC_WEIGHT, TaughtIteration
from core.models.deeplabv3plus import SegmentationMaps


@dataclass(frozen=True, eq=False)
class StalIteration(TaughtIteration):
    """Learns from the teacher's predictions on mixed and labelled images."""

    def against_teacher(self, batch: StalBatch, labelled: LabelledPass, position: Position) -> dict[str, Tensor]:
        """Return the consistency losses on mixed and labelled images, and the contrastive loss."""
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
