"""The objective of a head on a batch. Methods against forgetting add their own terms (CoSAM 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import Tensor

from core.losses.mask_points import NUM_POINTS, MaskLoss, Uniform, distillation_loss, mask_loss
from core.models.sam.decoding import PromptedBatch, decode_batch
from core.models.sam.hq_head import HQHead


class LearningBatch(NamedTuple):
    """Images with prompts and target masks.

    Attributes:
        prompted: B images.
        targets: (B, 1, S, S) in [0, 1].
        points: gives a new source of points for each call of a loss.
        num_points: number of points per mask.
    """

    prompted: PromptedBatch
    targets: Tensor
    points: Callable[[], Uniform]
    num_points: int = NUM_POINTS

    def loss_of(self, logits: Tensor) -> MaskLoss:
        """Return the loss of masks (B, 1, h, w) at newly drawn points."""
        return mask_loss(logits, self.targets, self.points(), self.num_points)

    def loss_towards(self, logits: Tensor, old_logits: Tensor) -> MaskLoss:
        """Return the loss towards an old model's masks, at newly drawn points."""
        return distillation_loss(logits, old_logits, self.points(), self.num_points)


Objective = Callable[[LearningBatch], Mapping[str, Tensor]]
"""Batch -> scalars; `loss` has a graph and is minimised, the others are only logged."""


def head_objective(decoder: Any, head: HQHead) -> Objective:
    """Return the objective that is only the loss of the head's masks."""

    def objective(batch: LearningBatch) -> dict[str, Tensor]:
        return shown(batch.loss_of(decode_batch(decoder, head, batch.prompted)))

    return objective


def shown(loss: MaskLoss) -> dict[str, Tensor]:
    """Return the loss and its parts, by curve name."""
    return {"loss": loss.total, "mask_bce_loss": loss.bce.detach(), "mask_dice_loss": loss.dice.detach()}
