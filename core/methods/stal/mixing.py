"""Teacher's view of unlabelled images, and mixing of two images into one (STAL 4.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.transforms.mixing import (
    MixedBatch,
    Region,
    box_keep_mask,
    class_keep_mask,
    cut_out,
    cutmix_region,
    draw_box,
    mix_with_next,
)
from core.engine.teacher_view import TeacherView, teacher_view
from core.methods.stal import class_bank
from core.methods.stal.data import StalBatch, Views
from core.methods.stal.mean_teacher import MeanTeacher
from core.methods.stal.schedules import Position

MIX_CHANCE = 0.5
"""Probability that a batch is mixed with one of U2PL's masks."""


@dataclass(frozen=True)
class Mixed:
    """Mixed unlabelled images with the teacher's view of them, at the crop's size."""

    images: Tensor
    logits: Tensor
    view: TeacherView
    known: Tensor


@dataclass(frozen=True, eq=False)
class Mixer:
    """Mixes the unlabelled images of a batch.

    Attributes:
        networks: student and teacher; the teacher predicts the labels.
        draws: finished iterations of teaching -> the generator of the mixing.
    """

    networks: MeanTeacher
    draws: Callable[[int], np.random.Generator]

    def mix(self, batch: StalBatch, position: Position) -> Mixed:
        """Pass the unlabelled images through the teacher, and mix them."""
        device, state = self.networks.device, self.networks.state
        first = batch.first.to(device)
        if batch.second is None:
            return self._by_mask(first, self.networks.see(first.images)[1], position)
        second = batch.second.to(device)
        small, logits = self.networks.see(torch.cat([first.images, second.images]))
        shown = class_bank.classes_shown(logits, self.networks.config.mix.presence_share)
        ids = torch.cat([each.to(device, non_blocking=True) for each in (batch.first_ids, batch.second_ids)])
        class_bank.record_presence(state.presence, ids, shown)
        take = self._regions(small.chunk(2)[1], batch.mixed_classes, position)[:, None]
        own, partner = logits.chunk(2)
        mixed = torch.where(take, partner, own)
        images = torch.where(take, second.images, first.images)
        return Mixed(images, mixed, teacher_view(mixed), torch.where(take[:, 0], second.labels, first.labels))

    def _regions(self, small_logits: Tensor, classes: npt.NDArray[np.int64], position: Position) -> Tensor:
        """Return (B, S, S) bool, True where the partner is pasted.

        Components are computed at stride 4 on the host. This copy is the only one for which an iteration waits.
        """
        config = self.networks.config
        generator, side = self.draws(position.taught), config.data.crop_px
        predictions = small_logits.argmax(dim=1).to(torch.uint8).cpu().numpy()
        masks = []
        for prediction, class_id in zip(predictions, classes, strict=True):
            region = cutmix_region(prediction, int(class_id), config.mix.area_share, generator)
            scale = side / len(prediction)
            masks.append(Region(*(round(edge * scale) for edge in region)).mask(side, side, self.networks.device))
        return torch.stack(masks)

    def _by_mask(self, first: Views, logits: Tensor, position: Position) -> Mixed:
        """Mix labels and their confidence with U2PL's masks, with probability `MIX_CHANCE`."""
        kind, generator = self.networks.config.mix.kind, self.draws(position.taught)
        view = teacher_view(logits)
        if kind == "none" or generator.random() >= MIX_CHANCE:
            return Mixed(first.images, logits, view, first.labels)
        height, width = view.labels.shape[-2:]
        if kind == "classmix":
            orders = [generator.permutation(len(torch.unique(label))).tolist() for label in view.labels]
            keep = torch.stack([class_keep_mask(*pair) for pair in zip(view.labels, orders, strict=True)])
        else:
            boxes = (draw_box(height, width, generator) for _ in view.labels)
            keep = torch.stack([box_keep_mask(height, width, box, self.networks.device) for box in boxes])
        mix = cut_out if kind == "cutout" else mix_with_next
        images, labels, confidence = mix(MixedBatch(first.images, view.labels, view.confidence), keep)
        _, known, entropy = mix(MixedBatch(first.images, first.labels, view.entropy), keep)
        return Mixed(images, logits, TeacherView(labels, confidence, entropy), known)
