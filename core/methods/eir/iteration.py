"""One training iteration of EIR (CVPR 2025; EIR 7): pseudo-label, paste, distil, update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.data.loaders import Batch
from core.engine.loop import Values
from core.engine.precision import autocast
from core.engine.update import descend
from core.losses.cross_entropy import background_negative, bce_onehot
from core.losses.distillation import distillation
from core.losses.sparse_target import SparseTarget
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.eir.config import EirConfig
from core.methods.eir.instance_bank import InstanceBank
from core.methods.eir.paste_record import PasteRecord
from core.methods.eir.pasting import MixedBatch, mix_instances
from core.methods.eir.pseudo_labels import pseudo_label

PasteDraws = Callable[[int, Sequence[int]], list[np.random.Generator]]
"""(iterations done, items of the batch) -> one generator per item."""


@dataclass(frozen=True, eq=False)
class EirIteration:
    """Does one iteration. Only the plan of the pastes waits for the device.

    Attributes:
        model: the model to train.
        old_model: frozen model of the previous step; None at the base step.
        optimizer: optimiser of the model's parameters.
        bank: instances to paste; may be empty.
        paste_draws: gives the random generators of the pastes.
        pastes: records every paste.
        config: loss weights and options.
        device, dtype: device and precision of the networks.
    """

    model: SegmentationModel
    old_model: SegmentationModel | None
    optimizer: torch.optim.Optimizer
    bank: InstanceBank
    paste_draws: PasteDraws
    pastes: PasteRecord
    config: EirConfig
    device: torch.device
    dtype: torch.dtype

    def __call__(self, batch: Batch, done: int) -> Values:
        """Update the model with one batch, after `done` iterations; return the losses."""
        images = batch.images.to(self.device, non_blocking=True)
        labels = batch.labels.to(self.device, non_blocking=True)
        if self.old_model is None:
            losses = self._label_losses(self._forward(images), SparseTarget.from_labels(labels))
        else:
            draws = self.paste_draws(done, batch.items.tolist())
            mixed, losses = self._losses_with_old(self.old_model, images, labels, draws)
            self.pastes.add(mixed, batch.items.tolist())
        total = torch.stack(list(losses.values())).sum()
        values = descend(self.optimizer, total, self.config.optim.clip_norm)
        return values | {f"loss_{name}": loss.detach() for name, loss in losses.items()}

    def _losses_with_old(
        self, old_model: SegmentationModel, images: Tensor, labels: Tensor, draws: list[np.random.Generator]
    ) -> tuple[MixedBatch, dict[str, Tensor]]:
        old_logits = self._old_forward(old_model, images)
        pseudo_labels = pseudo_label(labels, old_logits, self.config.pseudo_labels.threshold)
        mixed = mix_instances(images, labels, pseudo_labels, self.bank, draws, self.config.paste)
        logits = self._forward(mixed.images)
        losses = self._label_losses(logits, mixed.target)
        kd = self.config.kd
        if kd.weight > 0 and kd.mode != "none":
            changed = mixed.changed.nonzero().flatten().to(self.device, non_blocking=True)
            if len(changed):
                old_logits[changed] = self._old_forward(old_model, mixed.images[changed])
            new_region = mixed.target.new_region_weight(old_model.num_channels)
            losses["kd"] = kd.weight * distillation(logits, old_logits, new_region, kd.mode, kd.alpha, kd.rest)
        return mixed, losses

    def _label_losses(self, logits: Tensor, target: SparseTarget) -> dict[str, Tensor]:
        weights = self.config.loss
        losses = {"mbce": weights.mbce * bce_onehot(logits, target, pos_weight=self._pos_weight(logits))}
        if weights.ac > 0:
            losses["ac"] = weights.ac * background_negative(logits)
        return losses

    def _pos_weight(self, logits: Tensor) -> Tensor | None:
        if self.config.loss.pos_weight == 1:
            return None
        num_old = 1 if self.old_model is None else self.old_model.num_channels
        factors = logits.new_ones(logits.shape[1])
        factors[num_old:] = self.config.loss.pos_weight
        return factors

    def _forward(self, images: Tensor) -> Tensor:
        with autocast(self.device, self.dtype):
            logits: Tensor = self.model(images)
        return logits

    @torch.no_grad()
    def _old_forward(self, old_model: SegmentationModel, images: Tensor) -> Tensor:
        with autocast(self.device, self.dtype):
            logits: Tensor = old_model(images)
        return logits
