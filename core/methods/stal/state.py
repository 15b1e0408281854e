"""All that changes while a round trains, as one module: a checkpoint of it is the whole state (STAL 8, D5)."""

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
        student: what is optimised.
        teacher: its average; no parameter of it asks for a gradient.
        memory: features of each class for the contrastive loss.
        confidence: (C,) r_c of the class-confidence bank, uniform in [0, 1) at the start.
        presence: (C, N) uint8, which unlabelled images were seen to show which class.
        presence_at_epoch: (C, N) the same as it stood when the epoch began: partners are drawn from it, so that the
            loader may work ahead without the outcome depending on how far.
        confidence_at_epoch: (C,) likewise.
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
        """Fix what the epoch's partners and mixed classes are drawn from."""
        self.presence_at_epoch.copy_(self.presence)
        self.confidence_at_epoch.copy_(self.confidence)
