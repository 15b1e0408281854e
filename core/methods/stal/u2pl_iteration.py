"""One training iteration of U2PL (CVPR 2022) from STAL's parts: only reliable labels, and only mixed images."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.engine.inference import resize_logits
from core.engine.teacher_view import teacher_view
from core.methods.stal.data import StalBatch
from core.methods.stal.labelled_step import LabelledPass
from core.methods.stal.losses import reliable_labels, reverse_cross_entropy, u2pl_loss
from core.methods.stal.mixed_step import MixedPass
from core.methods.stal.pseudo_labels import with_known
from core.methods.stal.schedules import Position, drop_percent_at
from core.methods.stal.taught_iteration import SYMMETRIC_WEIGHT, TaughtIteration


@dataclass(frozen=True, eq=False)
class U2plIteration(TaughtIteration):
    """Learns from the teacher's most certain labels, on mixed images only."""

    def against_teacher(self, batch: StalBatch, labelled: LabelledPass, position: Position) -> dict[str, Tensor]:
        """Return U2PL's loss on the mixed images, and the contrastive loss."""
        found = self.mixed(batch, labelled, position)
        loss = self.networks.config.self_training.weight * self._reliable(found, position)
        return {"consistency": loss} | self.mixed.contrast(labelled, found, position)

    def _reliable(self, found: MixedPass, position: Position) -> Tensor:
        """Return the loss of the labels of which the teacher is least uncertain on the mixed images (eq. 4, 5)."""
        options = self.networks.config.self_training
        entropy = teacher_view(resize_logits(found.teacher.logits, found.logits.shape[-2:])).entropy
        percent = drop_percent_at(position.epoch, position.epochs, options.drop_percent)
        labels = reliable_labels(found.view.labels, entropy, percent)
        loss = u2pl_loss(found.logits, with_known(found.view._replace(labels=labels), found.mixed.known).labels)
        if options.symmetric_unlabelled:
            loss = loss + SYMMETRIC_WEIGHT * reverse_cross_entropy(found.logits, found.view.labels)
        return loss
