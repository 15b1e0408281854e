"""LwF-MC: one sigmoid per channel; the old ones learn the old model's probabilities (iCaRL, CVPR 2017; EIR 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.methods.css_baselines.config import LwfMcConfig
from core.methods.css_baselines.learner import Learner, Objective, Terms, learn_step
from core.stage.result import StageFunction
from core.stage.spec import StageKind


def multi_label_bce(logits: Tensor, labels: Tensor, first_channel: int = 0) -> Tensor:
    """Return the binary cross-entropy of channels against {label = channel}, mean over labelled pixels and channels.

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 channels or 255.
        first_channel: channels before it are left out.

    Returns:
        Scalar; 0 with zero gradient when no pixel is labelled.
    """
    channels = torch.arange(first_channel, logits.shape[1], device=labels.device)
    targets = (labels[:, None] == channels[:, None, None]).to(logits.dtype)
    losses = F.binary_cross_entropy_with_logits(logits[:, first_channel:], targets, reduction="none").mean(dim=1)
    counts = labels != IGNORE_INDEX
    return torch.where(counts, losses, 0).sum() / counts.sum().clamp(min=1)


def objective_of(learner: Learner[LwfMcConfig]) -> Objective:
    """Return BCE of the new channels against labels + λ · BCE of the old ones against sigmoid(z_old).

    At step 0 all channels, background included, are new.
    """
    old_model, weight = learner.old_model, learner.config.kd_weight

    def objective(images: Tensor, labels: Tensor) -> Terms:
        logits = learner.outputs(images).logits
        if old_model is None:
            return {"bce": multi_label_bce(logits, labels)}
        terms = {"bce": multi_label_bce(logits, labels, learner.num_old)}
        if weight > 0:
            targets = learner.old_logits(old_model, images).sigmoid()
            terms["kd"] = weight * F.binary_cross_entropy_with_logits(logits[:, : learner.num_old], targets)
        return terms

    return objective


STAGES: Mapping[StageKind, StageFunction[LwfMcConfig]] = {
    StageKind.TRAIN: partial(learn_step, objective_of=objective_of)
}
