"""The whole training state of a round as one module, for checkpoints (STAL 8, D5)."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from core.methods.stal.config import ContrastOptions
from core.methods.stal.memory_bank import ClassMemoryBank
from core.models.deeplabv3plus import DeepLabV3Plus


class StalState(nn.Module):
    """Student, teacher and the banks.

    Attributes:
        student: the optimised network.
        teacher: average of the student; without gradients.
        memory: features of each class for the contrastive loss.
        confidence: (C,) r_c of the class-confidence bank, initially uniform in [0, 1).
        presence: (C, N) uint8, 1 if unlabelled image n showed class c in its latest view.
        presence_at_epoch: (C, N) copy of `presence` from the beginning of the epoch. Partners are drawn from it, so
            the result does not depend on how far the loader works ahead.
        confidence_at_epoch: (C,) copy of `confidence` from the beginning of the epoch.
        prototypes: (C, D) stored positives of `anchor_ema`.
    """

    confidence: Tensor
    presence: Tensor
    presence_at_epoch: Tensor
    confidence_at_epoch: Tensor
    prototypes: Tensor

    def __init__(
        self, student: DeepLabV3Plus, num_unlabelled: int, options: ContrastOptions, generator: torch.Generator
    ) -> None:
        super().__init__()
        classes = student.num_classes
        self.student = student
        self.teacher = copy.deepcopy(student).requires_grad_(False)
        sizes = [options.memory_first, *[options.memory] * (classes - 1)] if options.weight > 0 else [1] * classes
        dtype = torch.float16 if options.half_precision else torch.float32
        self.memory = ClassMemoryBank(sizes, student.feature_dim, dtype)
        confidence = torch.rand(classes, generator=generator)
        presence = torch.zeros(classes, num_unlabelled, dtype=torch.uint8)
        self.register_buffer("confidence", confidence)
        self.register_buffer("confidence_at_epoch", confidence.clone())
        self.register_buffer("presence", presence)
        self.register_buffer("presence_at_epoch", presence.clone())
        self.register_buffer("prototypes", torch.zeros(classes, student.feature_dim))

    def begin_epoch(self) -> None:
        """Copy the banks from which the epoch's partners and mixed classes are drawn."""
        self.presence_at_epoch.copy_(self.presence)
        self.confidence_at_epoch.copy_(self.confidence)
