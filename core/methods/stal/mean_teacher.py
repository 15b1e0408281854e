"""Forward passes of student and teacher, and their updates (STAL 4.1, 4.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.ema import update_teacher
from core.engine.inference import resize_logits
from core.engine.loop import Values
from core.engine.precision import autocast
from core.engine.update import descend
from core.methods.stal.config import StalConfig
from core.methods.stal.schedules import Position, ema_decay
from core.methods.stal.state import StalState
from core.models.deeplabv3plus import DeepLabV3Plus, SegmentationMaps


@dataclass(frozen=True, eq=False)
class MeanTeacher:
    """The passes and updates of the two networks, shared by all iterations.

    Attributes:
        state: student, teacher, banks.
        optimizer: optimiser of the student.
        config: gives the decay of the average and the norm for gradient clipping.
        device, dtype: device and precision of the networks.
    """

    state: StalState
    optimizer: torch.optim.Optimizer
    config: StalConfig
    device: torch.device
    dtype: torch.dtype

    def begin(self, position: Position) -> None:
        """Copy the student into the teacher when the teacher begins to teach."""
        if position.taught == 0:
            update_teacher(*self._parameters(), decay=0)

    def learn(self, images: Tensor) -> SegmentationMaps:
        """Return the student's maps."""
        return self._run(self.state.student, images)

    @torch.no_grad()
    def teach(self, images: Tensor) -> SegmentationMaps:
        """Return the teacher's maps in training mode: dropout is on, batch statistics update the buffers."""
        return self._run(self.state.teacher.train(), images)

    @torch.no_grad()
    def see(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the teacher's logits in evaluation mode, at stride 4 and at the images' size."""
        small = self._run(self.state.teacher.eval(), images).logits
        return small, resize_logits(small, images.shape[-2:])

    def update(self, losses: Mapping[str, Tensor], position: Position) -> Values:
        """Update the student with the sum of the losses, then the teacher; return all losses."""
        values = descend(self.optimizer, torch.stack(list(losses.values())).sum(), self.config.optim.clip_norm)
        self._follow(position)
        if "contrast" in losses:
            # A contrastive loss of 0 usually means that the memory is still empty.
            values["memory_fill"] = (self.state.memory.lengths / self.state.memory.sizes).mean()
        return values | {f"loss_{name}": loss.detach() for name, loss in losses.items()}

    def _run(self, network: DeepLabV3Plus, images: Tensor) -> SegmentationMaps:
        with autocast(self.device, self.dtype):
            maps: SegmentationMaps = network(images)
        return SegmentationMaps(*(part.float() for part in maps))

    def _follow(self, position: Position) -> None:
        """Update the teacher's averaged parameters; in the warm-up only its statistics change."""
        if position.taught < 0:
            return
        options = self.config.self_training
        decay = ema_decay(position.taught, options.ema_maximum)
        update_teacher(*self._parameters(), decay)
        if options.ema_buffers != "own":
            buffers = self.state.teacher.buffers(), self.state.student.buffers()
            update_teacher(*buffers, 0 if options.ema_buffers == "copy" else decay)

    def _parameters(self) -> tuple[Iterator[Tensor], Iterator[Tensor]]:
        """Return the parameters of teacher and student, in the same order."""
        return self.state.teacher.parameters(), (parameter.data for parameter in self.state.student.parameters())
