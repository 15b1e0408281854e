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
from core.methods.class_incremental.growing_model import Outputs, SegmentationModel
from core.methods.class_incremental.pseudo_labels import pseudo_label
from core.methods.eir.config import EirConfig
from core.methods.eir.instance_bank import InstanceBank
from core.methods.eir.optional_terms import OptionalTerms
from core.methods.eir.paste_record import PasteRecord
from core.methods.eir.pasting import MixedBatch, mix_batch_styles, mix_instances

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
        style_draws: iterations done -> generator of the batch's MixStyle.
        pastes: records every paste.
        terms: losses beside the published ones.
        config: loss weights and options.
        device, dtype: device and precision of the networks.
    """

    model: SegmentationModel
    old_model: SegmentationModel | None
    optimizer: torch.optim.Optimizer
    bank: InstanceBank
    paste_draws: PasteDraws
    style_draws: Callable[[int], np.random.Generator]
    pastes: PasteRecord
    terms: OptionalTerms
    config: EirConfig
    device: torch.device
    dtype: torch.dtype

    def __call__(self, batch: Batch, done: int) -> Values:
        """Update the model with one batch, after `done` iterations; return the losses."""
        images = batch.images.to(self.device, non_blocking=True)
        labels = batch.labels.to(self.device, non_blocking=True)
        if self.old_model is None:
            losses = self._label_losses(self._forward(images), None, SparseTarget.from_labels(labels))
        else:
            draws = self.paste_draws(done, batch.items.tolist())
            old = self._old_forward(self.old_model, images)
            mixed = self._mix(images, labels, old.logits, draws, done)
            losses = self._losses_with_old(self.old_model, mixed, old)
            self.pastes.add(mixed, batch.items.tolist())
        total = torch.stack(list(losses.values())).sum()
        values = descend(self.optimizer, total, self.config.optim.clip_norm)
        return values | {f"loss_{name}": loss.detach() for name, loss in losses.items()}

    def _mix(
        self, images: Tensor, labels: Tensor, old_logits: Tensor, draws: list[np.random.Generator], done: int
    ) -> MixedBatch:
        options = self.config.paste
        pseudo_labels = pseudo_label(labels, old_logits, self.config.pseudo_labels.threshold)
        mixed = mix_instances(images, labels, pseudo_labels, self.bank, draws, options)
        if options.mixstyle == "none" or not (options.enabled and self.bank.entries):
            return mixed
        return mix_batch_styles(mixed, options.mixstyle, self.style_draws(done))

    def _losses_with_old(self, old_model: SegmentationModel, mixed: MixedBatch, old: Outputs) -> dict[str, Tensor]:
        outputs, kd = self._forward(mixed.images), self.config.kd
        mode = kd.mode if kd.weight > 0 else "none"
        if mode != "none" or self.config.loss.intra_class > 0:
            self._renew(old, old_model, mixed)
        losses = self._label_losses(outputs, old, mixed.target)
        if mode != "none":
            new_region = mixed.target.new_region_weight(old_model.num_channels)
            losses["kd"] = kd.weight * distillation(outputs.logits, old.logits, new_region, mode, kd.alpha, kd.rest)
        return losses

    def _renew(self, old: Outputs, old_model: SegmentationModel, mixed: MixedBatch) -> None:
        """Replace the old model's outputs of the images that pasting changed."""
        changed = mixed.changed.nonzero().flatten().to(self.device, non_blocking=True)
        if len(changed):
            renewed = self._old_forward(old_model, mixed.images[changed])
            old.logits[changed], old.features[changed] = renewed.logits, renewed.features

    def _label_losses(self, outputs: Outputs, old: Outputs | None, target: SparseTarget) -> dict[str, Tensor]:
        weights, logits = self.config.loss, outputs.logits
        losses = {"mbce": weights.mbce * bce_onehot(logits, target, pos_weight=self._pos_weight(logits))}
        if weights.ac > 0:
            losses["ac"] = weights.ac * background_negative(logits)
        return losses | self.terms.losses(outputs, old, target)

    def _pos_weight(self, logits: Tensor) -> Tensor | None:
        factor = self.config.loss.pos_weight_at(0 if self.old_model is None else 1)
        if factor == 1:
            return None
        num_old = 1 if self.old_model is None else self.old_model.num_channels
        factors = logits.new_ones(logits.shape[1])
        factors[num_old:] = factor
        return factors

    def _forward(self, images: Tensor) -> Outputs:
        with autocast(self.device, self.dtype):
            return self.model.outputs(images)

    @torch.no_grad()
    def _old_forward(self, old_model: SegmentationModel, images: Tensor) -> Outputs:
        with autocast(self.device, self.dtype):
            return old_model.outputs(images)
