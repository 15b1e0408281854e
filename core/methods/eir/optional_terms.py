"""The losses beside the published ones: on features, and Lovász (EIR 4.5). A weight of 0 skips the computation."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.losses.lovasz import lovasz_hinge, lovasz_softmax
from core.losses.sparse_target import SparseTarget
from core.methods.class_incremental.growing_model import Outputs, SegmentationModel
from core.methods.eir.config import LossOptions
from core.methods.eir.feature_losses import Prototypes, feature_clustering, feature_separation, intra_class


class OptionalTerms:
    """Computes the terms whose weight is over 0. Their labels are the mixed target's channel of the largest weight.

    Attributes:
        prototypes: class means so far in this step; a checkpoint holds them.
    """

    def __init__(self, options: LossOptions, model: SegmentationModel, device: torch.device) -> None:
        self.options = options
        self.prototypes = Prototypes(model.num_channels, model.cls.heads[0].in_channels, device)

    def losses(self, outputs: Outputs, old: Outputs | None, target: SparseTarget) -> dict[str, Tensor]:
        """Return the weighted terms by name; empty if all weights are 0.

        Args:
            outputs: of the model.
            old: of the old model on the same images; None at the base step.
            target: of the images.
        """
        weights, terms = self.options, dict[str, Tensor]()
        if not (weights.fc or weights.fs or weights.intra_class or weights.lovasz):
            return terms
        labels, features = target.hard_labels(), outputs.features.float()
        if weights.fc > 0:
            self.prototypes.update(features.detach(), labels)
            terms["fc"] = weights.fc * feature_clustering(features, labels, self.prototypes.means)
        if weights.fs > 0:
            separation = feature_separation(features, labels, outputs.logits.shape[1], weights.fs_margin)
            terms["fs"] = weights.fs * separation
        if weights.intra_class > 0 and old is not None:
            num_old = old.logits.shape[1]
            constancy = intra_class(features, old.features.float(), labels, old.logits, num_old)
            terms["intra_class"] = weights.intra_class * constancy
        if weights.lovasz > 0:
            terms["lovasz"] = weights.lovasz * self._lovasz(outputs.logits, labels)
        return terms

    def _lovasz(self, logits: Tensor, labels: Tensor) -> Tensor:
        per_image = self.options.lovasz_per_image
        if self.options.lovasz_form == "softmax":
            return lovasz_softmax(logits.softmax(dim=1), labels, self.options.lovasz_classes, per_image)
        return hinge_by_channel(logits, labels, per_image)


def hinge_by_channel(logits: Tensor, labels: Tensor, per_image: bool) -> Tensor:
    """Return the mean over channels of the Lovász hinge of {label = channel}.

    Args:
        logits: (B, C, H, W).
        labels: (B, H, W) int64 channels or 255.
        per_image: see `lovasz_hinge`.
    """
    num_channels = logits.shape[1]
    one_hot = F.one_hot(labels.clamp(max=num_channels - 1), num_channels).movedim(-1, 1)
    binary = torch.where((labels == IGNORE_INDEX)[:, None], IGNORE_INDEX, one_hot)  # (B, C, H, W)
    if per_image:
        return lovasz_hinge(logits.flatten(0, 1), binary.flatten(0, 1))
    # A channel of the whole batch is one image of B·H rows.
    by_channel, labels_by_channel = (maps.transpose(0, 1).flatten(1, 2) for maps in (logits, binary))
    return lovasz_hinge(by_channel, labels_by_channel)
