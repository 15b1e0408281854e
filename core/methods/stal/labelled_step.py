"""The labelled part of every iteration: supervised losses and class confidences (STAL 4.2 to 4.4)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.transforms.mixing import copy_paste
from core.engine.inference import resize_logits
from core.methods.stal import class_bank
from core.methods.stal.data import StalBatch, Views
from core.methods.stal.losses import mean_cross_entropy, ohem_cross_entropy, weighted_cross_entropy
from core.methods.stal.mean_teacher import MeanTeacher
from core.methods.stal.ripu_losses import ripu_losses
from core.models.deeplabv3plus import SegmentationMaps


@dataclass(frozen=True)
class LabelledPass:
    """Labelled images, the student's output at stride 4 and at the images' size, and the losses by name."""

    views: Views
    maps: SegmentationMaps
    logits: Tensor
    losses: dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class LabelledStep:
    """Learns from labelled images.

    Attributes:
        networks: student and teacher.
        paste_classes: (n,) channels that may be pasted, on the device.
        class_weights: (C,) weights of the supervised loss, on the device; None = equal weights.
    """

    networks: MeanTeacher
    paste_classes: Tensor
    class_weights: Tensor | None

    def __call__(self, batch: StalBatch) -> LabelledPass:
        """Pass the labelled images of a batch through the student."""
        views, config = self._with_pasted(batch), self.networks.config
        maps = self.networks.learn(views.images)
        logits = resize_logits(maps.logits, views.labels.shape[-2:])
        from_source, from_target = by_domain(batch, views.labels)
        parts = (from_source, from_target) if config.supervised.separate_domains else (views.labels,)
        losses = {"supervised": torch.stack([self._supervised(maps, logits, part) for part in parts]).sum()}
        losses |= ripu_losses(self.networks, batch, logits, from_source)
        self._learn_confidence(logits, views.labels)
        return LabelledPass(views, maps, logits, losses)

    def _with_pasted(self, batch: StalBatch) -> Views:
        """Paste weak classes of the partners into the labelled images (4.4), one set of classes per batch."""
        device, config = self.networks.device, self.networks.config
        labelled = batch.labelled.to(device)
        if batch.partners is None or not len(self.paste_classes):
            return labelled
        chances = class_bank.paste_distribution(self.networks.state.confidence, self.paste_classes)
        # `multinomial` would check the probabilities on the host. The last class gets the rounding error.
        draws = torch.rand(config.copy_paste.classes_drawn, device=device)
        drawn = torch.searchsorted(chances.cumsum(0), draws, right=True).clamp(max=len(chances) - 1)
        partners = batch.partners.to(device)
        return Views(*copy_paste(*labelled, *partners, self.paste_classes[drawn]))

    def _supervised(self, maps: SegmentationMaps, logits: Tensor, labels: Tensor) -> Tensor:
        options = self.networks.config.supervised
        auxiliary = resize_logits(maps.auxiliary, labels.shape[-2:])
        if options.loss == "ce":
            with_weights = mean_cross_entropy if options.weights_by_name else weighted_cross_entropy
            loss = with_weights(logits, labels, self.class_weights)
            return loss + options.auxiliary_weight * weighted_cross_entropy(auxiliary, labels)
        loss = ohem_cross_entropy(logits, labels, options.thresh, options.min_kept, self.class_weights)
        return loss + options.auxiliary_weight * ohem_cross_entropy(auxiliary, labels, options.thresh, options.min_kept)

    def _learn_confidence(self, logits: Tensor, labels: Tensor) -> None:
        confidence, present = class_bank.class_confidence(logits, labels)
        bank, config = self.networks.state.confidence, self.networks.config
        bank.copy_(
            class_bank.update_confidence(bank, confidence, present, config.bank_momentum, config.compat.decay_absent)
        )


def by_domain(batch: StalBatch, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the labels with the target's images set to 255, and the labels with the source's images set to 255."""
    from_source = batch.from_source.to(labels.device, non_blocking=True)[:, None, None]
    return labels.where(from_source, IGNORE_INDEX), labels.where(~from_source, IGNORE_INDEX)
