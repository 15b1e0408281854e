"""One training iteration of STAL (spec STAL 4.1), reading like the algorithm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.transforms.mixing import (
    MixedBatch,
    Region,
    box_keep_mask,
    class_keep_mask,
    copy_paste,
    cut_out,
    cutmix_region,
    draw_box,
    mix_with_next,
)
from core.engine.ema import update_teacher
from core.engine.inference import resize_logits
from core.engine.loop import Values
from core.engine.precision import autocast
from core.engine.teacher_view import TeacherView, teacher_view
from core.engine.update import descend
from core.losses.local_consistency import local_consistency
from core.losses.negative_learning import negative_learning
from core.methods.stal import class_bank
from core.methods.stal.config import StalConfig
from core.methods.stal.contrast_step import LabelledMaps, UnlabelledMaps, contrast_loss
from core.methods.stal.data import StalBatch, Views
from core.methods.stal.losses import (
    consistency_loss,
    mean_cross_entropy,
    ohem_cross_entropy,
    reliable_labels,
    reverse_cross_entropy,
    sampling_rate,
    u2pl_loss,
    weighted_cross_entropy,
)
from core.methods.stal.pseudo_labels import confident_labels, drop_unreliable, with_known
from core.methods.stal.schedules import Position, drop_percent_at, ema_decay, unreliable_percent
from core.methods.stal.state import StalState
from core.models.deeplabv3plus import DeepLabV3Plus, SegmentationMaps

SYMMETRIC_WEIGHT = 0.1
MIX_CHANCE = 0.5
"""Chance that a batch is mixed by one of U2PL's masks."""


@dataclass(frozen=True)
class Mixed:
    """Mixed unlabelled images with the teacher's view of them, at the crop's size."""

    images: Tensor
    logits: Tensor
    view: TeacherView
    known: Tensor


@dataclass(frozen=True, eq=False)
class StalIteration:
    """Does one iteration.

    Attributes:
        state: student, teacher, banks.
        optimizer: over the student.
        config: losses and options.
        paste_classes: (n,) channels that may be pasted, on the device.
        class_weights: (C,) of the supervised loss, on the device; None = all alike.
        position: finished iterations -> where the training is.
        draws: finished iterations -> the generator of the mixing.
        device, dtype: where, and in which arithmetic the networks run.
    """

    state: StalState
    optimizer: torch.optim.Optimizer
    config: StalConfig
    paste_classes: Tensor
    class_weights: Tensor | None
    position: Callable[[int], Position]
    draws: Callable[[int], np.random.Generator]
    device: torch.device
    dtype: torch.dtype

    def __call__(self, batch: StalBatch, done: int) -> Values:
        """Update the student with one batch and let the teacher follow; return the losses."""
        position = self.position(done)
        if position.taught == 0:
            update_teacher(*self._parameters(), decay=0)
        labelled = self._with_pasted(batch)
        maps = self._run(self.state.student, labelled.images)
        logits = resize_logits(maps.logits, labelled.labels.shape[-2:])
        is_apart = self.config.supervised.separate_domains
        parts = self._by_domain(batch, labelled.labels) if is_apart else (labelled.labels,)
        losses = {"supervised": torch.stack([self._supervised(maps, logits, part) for part in parts]).sum()}
        losses |= self._ripu(batch, logits, labelled.labels)
        self._learn_confidence(logits, labelled.labels)
        if position.taught >= 0 and self.config.self_training.weight > 0:
            losses |= self._self_training(batch, labelled, (maps, logits), position)
        else:
            self._teach(labelled.images)
        values = descend(self.optimizer, torch.stack(list(losses.values())).sum(), self.config.optim.clip_norm)
        self._follow(position)
        if "contrast" in losses:
            # A contrastive loss of 0 mostly means that there was nothing yet to compare with.
            values["memory_fill"] = (self.state.memory.lengths / self.state.memory.sizes).mean()
        return values | {f"loss_{name}": loss.detach() for name, loss in losses.items()}

    def _run(self, network: DeepLabV3Plus, images: Tensor) -> SegmentationMaps:
        with autocast(self.device, self.dtype):
            maps: SegmentationMaps = network(images)
        return SegmentationMaps(*(part.float() for part in maps))

    def _with_pasted(self, batch: StalBatch) -> Views:
        """Paste weak classes of the partners into the labelled images (4.4): one set of classes a batch."""
        labelled = batch.labelled.to(self.device)
        if batch.partners is None or not len(self.paste_classes):
            return labelled
        chances = class_bank.paste_distribution(self.state.confidence, self.paste_classes)
        # `multinomial` would look at the chances on the host; the last class takes what rounding leaves.
        draws = torch.rand(self.config.copy_paste.classes_drawn, device=self.device)
        drawn = torch.searchsorted(chances.cumsum(0), draws, right=True).clamp(max=len(chances) - 1)
        partners = batch.partners.to(self.device)
        return Views(*copy_paste(*labelled, *partners, self.paste_classes[drawn]))

    def _by_domain(self, batch: StalBatch, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the labels of the source's images, 255 in the target's, and the other way round."""
        from_source = batch.from_source.to(self.device, non_blocking=True)[:, None, None]
        return labels.where(from_source, IGNORE_INDEX), labels.where(~from_source, IGNORE_INDEX)

    def _supervised(self, maps: SegmentationMaps, logits: Tensor, labels: Tensor) -> Tensor:
        options = self.config.supervised
        auxiliary = resize_logits(maps.auxiliary, labels.shape[-2:])
        if options.loss == "ce":
            with_weights = mean_cross_entropy if options.weights_by_name else weighted_cross_entropy
            loss = with_weights(logits, labels, self.class_weights)
            return loss + options.auxiliary_weight * weighted_cross_entropy(auxiliary, labels)
        loss = ohem_cross_entropy(logits, labels, options.thresh, options.min_kept, self.class_weights)
        return loss + options.auxiliary_weight * ohem_cross_entropy(auxiliary, labels, options.thresh, options.min_kept)

    def _ripu(self, batch: StalBatch, logits: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Return RIPU's own losses (6.3), where they are asked for.

        Args:
            batch: its unlabelled images are not mixed here.
            logits: (B, C, S, S) of the labelled images.
            labels: (B, S, S) theirs.
        """
        options, losses = self.config.ripu, {}
        if options.consistency_weight > 0:
            of_source, _ = self._by_domain(batch, labels)
            found = local_consistency(logits, of_source, options.consistency_form)
            losses["local_consistency"] = options.consistency_weight * found
        if options.negative_weight > 0:
            images = batch.first.images.to(self.device, non_blocking=True)
            unlabelled = resize_logits(self._run(self.state.student, images).logits, images.shape[-2:])
            found = negative_learning(unlabelled, options.negative_threshold)
            losses["negative"] = options.negative_weight * found
        return losses

    def _self_training(
        self, batch: StalBatch, labelled: Views, student: tuple[SegmentationMaps, Tensor], position: Position
    ) -> dict[str, Tensor]:
        """Return the losses against the teacher; `student`: its maps and full-size logits of the labelled images."""
        options, state = self.config.self_training, self.state
        labelled_teacher = self._teach(labelled.images)
        mixed = self._mix(batch, position)
        percent = unreliable_percent(position.epoch, position.epochs, options.unreliable_percent)
        labels = drop_unreliable(mixed.view, percent, self.config.compat.drop_low_entropy)
        view = with_known(mixed.view._replace(labels=labels), mixed.known)
        maps = self._run(state.student, mixed.images)
        teacher = self._teach(mixed.images)

        logits = resize_logits(maps.logits, labels.shape[-2:])
        losses = {"consistency": options.weight * self._unlabelled(logits, view, mixed.known, teacher, position)}
        if options.loss != "u2pl":
            losses["labelled"] = options.weight * self._labelled(student[1], labelled_teacher)
        if self.config.contrast.weight > 0 and position.contrasted:
            known = LabelledMaps(
                labelled.labels, labelled_teacher.logits, labelled_teacher.features, student[0].features
            )
            # U2PL's masks mix labels and not logits: then the teacher's pass over the mixed images says what is where.
            seen = (
                mixed.logits if self.config.mix.kind == "adaptive" else resize_logits(teacher.logits, logits.shape[-2:])
            )
            guessed = UnlabelledMaps(view.labels, view.entropy, seen, teacher.features, maps.features)
            losses["contrast"] = contrast_loss(state, self.config, known, guessed, position)
        return losses

    @torch.no_grad()
    def _teach(self, images: Tensor) -> SegmentationMaps:
        """Return the teacher's maps in training mode: dropout on, batch statistics that settle its buffers."""
        return self._run(self.state.teacher.train(), images)

    def _mix(self, batch: StalBatch, position: Position) -> Mixed:
        """Let the teacher see the unlabelled images, and mix them (4.5)."""
        first = batch.first.to(self.device)
        if batch.second is None:
            return self._mix_by_mask(first, self._seen(first.images)[1], position)
        second = batch.second.to(self.device)
        small, logits = self._seen(torch.cat([first.images, second.images]))
        shown = class_bank.classes_shown(logits, self.config.mix.presence_share)
        ids = torch.cat([each.to(self.device, non_blocking=True) for each in (batch.first_ids, batch.second_ids)])
        class_bank.record_presence(self.state.presence, ids, shown)
        take = self._regions(small.chunk(2)[1], batch.mixed_classes, position)[:, None]
        own, partner = logits.chunk(2)
        mixed = torch.where(take, partner, own)
        images = torch.where(take, second.images, first.images)
        return Mixed(images, mixed, teacher_view(mixed), torch.where(take[:, 0], second.labels, first.labels))

    @torch.no_grad()
    def _seen(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the teacher's logits of unlabelled images, at stride 4 and at their own size."""
        small = self._run(self.state.teacher.eval(), images).logits
        return small, resize_logits(small, images.shape[-2:])

    def _regions(self, small_logits: Tensor, classes: npt.NDArray[np.int64], position: Position) -> Tensor:
        """Return (B, S, S) bool, True where the partner comes in.

        Components are sought at stride 4 on the host, and that copy is the only one for which an iteration waits.
        """
        generator, side = self.draws(position.taught), self.config.data.crop_px
        predictions = small_logits.argmax(dim=1).to(torch.uint8).cpu().numpy()
        masks = []
        for prediction, class_id in zip(predictions, classes, strict=True):
            region = cutmix_region(prediction, int(class_id), self.config.mix.area_share, generator)
            scale = side / len(prediction)
            masks.append(Region(*(round(edge * scale) for edge in region)).mask(side, side, self.device))
        return torch.stack(masks)

    def _mix_by_mask(self, first: Views, logits: Tensor, position: Position) -> Mixed:
        """Mix by U2PL's masks: the labels and their confidence are mixed, with a chance of one half."""
        kind, generator = self.config.mix.kind, self.draws(position.taught)
        view = teacher_view(logits)
        if kind == "none" or generator.random() >= MIX_CHANCE:
            return Mixed(first.images, logits, view, first.labels)
        height, width = view.labels.shape[-2:]
        if kind == "classmix":
            orders = [generator.permutation(len(torch.unique(label))).tolist() for label in view.labels]
            keep = torch.stack([class_keep_mask(*pair) for pair in zip(view.labels, orders, strict=True)])
        else:
            boxes = (draw_box(height, width, generator) for _ in view.labels)
            keep = torch.stack([box_keep_mask(height, width, box, self.device) for box in boxes])
        mix = cut_out if kind == "cutout" else mix_with_next
        images, labels, confidence = mix(MixedBatch(first.images, view.labels, view.confidence), keep)
        _, known, entropy = mix(MixedBatch(first.images, first.labels, view.entropy), keep)
        return Mixed(images, logits, TeacherView(labels, confidence, entropy), known)

    def _learn_confidence(self, logits: Tensor, labels: Tensor) -> None:
        confidence, present = class_bank.class_confidence(logits, labels)
        bank, config = self.state.confidence, self.config
        bank.copy_(
            class_bank.update_confidence(bank, confidence, present, config.bank_momentum, config.compat.decay_absent)
        )

    def _rate(self, like: Tensor) -> tuple[Tensor | None, Tensor | None]:
        options = self.config.self_training
        if not options.sample:
            return None, None
        rate = sampling_rate(self.state.confidence, options.sample_gamma)
        return rate, torch.rand(like.shape[0], *like.shape[-2:], device=self.device)

    def _unlabelled(
        self, logits: Tensor, view: TeacherView, known: Tensor, teacher: SegmentationMaps, position: Position
    ) -> Tensor:
        options = self.config.self_training
        if options.loss == "u2pl":
            entropy = teacher_view(resize_logits(teacher.logits, logits.shape[-2:])).entropy
            percent = drop_percent_at(position.epoch, position.epochs, options.drop_percent)
            reliable = with_known(view._replace(labels=reliable_labels(view.labels, entropy, percent)), known)
            loss = u2pl_loss(logits, reliable.labels)
        else:
            loss = self._consistency(logits, view)
        if options.symmetric_unlabelled:
            loss = loss + SYMMETRIC_WEIGHT * reverse_cross_entropy(logits, view.labels)
        return loss

    def _labelled(self, logits: Tensor, teacher: SegmentationMaps) -> Tensor:
        options = self.config.self_training
        view = teacher_view(resize_logits(teacher.logits, logits.shape[-2:]))
        view = view._replace(labels=confident_labels(view, options.threshold))
        loss = self._consistency(logits, view)
        if options.symmetric_labelled:
            loss = loss + SYMMETRIC_WEIGHT * reverse_cross_entropy(logits, view.labels)
        return loss

    def _consistency(self, logits: Tensor, view: TeacherView) -> Tensor:
        options = self.config.self_training
        if options.loss == "plain":
            return weighted_cross_entropy(logits, view.labels)
        return consistency_loss(logits, view.labels, view.confidence, options.gamma, *self._rate(logits))

    def _follow(self, position: Position) -> None:
        """Let the teacher's parameters follow (4.8); in a warm-up it only settles its statistics."""
        if position.taught < 0:
            return
        options = self.config.self_training
        decay = ema_decay(position.taught, options.ema_maximum)
        update_teacher(*self._parameters(), decay)
        if options.ema_buffers != "own":
            buffers = self.state.teacher.buffers(), self.state.student.buffers()
            update_teacher(*buffers, 0 if options.ema_buffers == "copy" else decay)

    def _parameters(self) -> tuple[Iterator[Tensor], Iterator[Tensor]]:
        """Parameters of the teacher and of the student, in one order."""
        return self.state.teacher.parameters(), (parameter.data for parameter in self.state.student.parameters())
