"""RIPU's own losses (CVPR 2022; STAL 6.3): local consistency on the source, negative learning on the rest."""

from __future__ import annotations

from torch import Tensor

from core.engine.inference import resize_logits
from core.losses.local_consistency import local_consistency
from core.losses.negative_learning import negative_learning
from core.methods.stal.data import StalBatch
from core.methods.stal.mean_teacher import MeanTeacher


def ripu_losses(networks: MeanTeacher, batch: StalBatch, logits: Tensor, of_source: Tensor) -> dict[str, Tensor]:
    """Return the losses whose weights are over 0.

    Args:
        networks: gives the student and the weights of the losses.
        batch: its unlabelled images are used unmixed.
        logits: (B, C, S, S), logits of the labelled images.
        of_source: (B, S, S), labels of the labelled images; 255 in the target's images.
    """
    options, losses = networks.config.ripu, {}
    if options.consistency_weight > 0:
        found = local_consistency(logits, of_source, options.consistency_form)
        losses["local_consistency"] = options.consistency_weight * found
    if options.negative_weight > 0:
        images = batch.first.images.to(networks.device, non_blocking=True)
        unlabelled = resize_logits(networks.learn(images).logits, images.shape[-2:])
        losses["negative"] = options.negative_weight * negative_learning(unlabelled, options.negative_threshold)
    return losses
