"""The losses on the regions of a batch (SemSeg 4.4 to 4.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.losses.box_regression import BoxLossName
from core.methods.semseg.losses import (
    classification_loss,
    mask_loss,
    metric_loss,
    region_box_loss,
    region_iou_loss,
)
from core.models.openset.matching import Permute, RegionRule, SampledRegions, sample_regions
from core.models.openset.roi_heads import OpenSetHeads
from core.models.openset.truth import TaughtObjects


@dataclass(frozen=True)
class RegionLossRule:
    """How regions are drawn, and the weights of their losses; the defaults are those of VOC-COCO.

    Attributes:
        sampling: sampling of regions.
        box_loss: name of the box loss.
        box, iou, metric, classes, mask: weights of the losses.
        margins: alpha and beta of the metric space.
        metric_iou: the metric loss uses only regions with an IoU above this.
    """

    sampling: RegionRule = field(default_factory=RegionRule)
    box_loss: BoxLossName = "smooth_l1"
    box: float = 2.0
    iou: float = 1.0
    metric: float = 2.0
    classes: float = 1.0
    mask: float = 1.0
    margins: tuple[float, float] = (0.05, 0.95)
    metric_iou: float = 0.5


def region_losses(
    heads: OpenSetHeads,
    pyramid: Sequence[Tensor],
    proposals: Sequence[Tensor],
    truths: Sequence[TaughtObjects],
    rule: RegionLossRule,
    permute: Permute,
) -> dict[str, Tensor]:
    """Return the five weighted losses by name.

    Args:
        heads: of the model.
        pyramid: (B, C, H, W) of strides 4, 8, 16, 32.
        proposals: (N, 4) boxes of each image.
        truths: true objects of each image.
        rule: sampling of regions and weights of losses.
        permute: draws the regions of each image.
    """
    num_known = heads.classifier.out_features - 1
    drawn = [
        sample_regions(ours, (truth.boxes, truth.heads), num_known, rule.sampling, permute)
        for ours, truth in zip(proposals, truths, strict=True)
    ]
    looked = heads.look_at(pyramid, [one.boxes for one in drawn])
    classified = heads.classify(looked.features)
    classes, iou = torch.cat([one.classes for one in drawn]), torch.cat([one.iou for one in drawn])
    boxes, wanted = torch.cat([one.boxes for one in drawn]), torch.cat([one.truth_boxes for one in drawn])
    is_foreground = classes < num_known
    is_taught = is_foreground & (iou > rule.metric_iou)
    space = heads.space
    distances = metric_loss(
        classified.unit[is_taught], classes[is_taught], space.prototypes, space.per_class, space.distance, rule.margins
    )
    return {
        "box": rule.box * region_box_loss(rule.box_loss, boxes, looked.deltas, wanted, is_foreground),
        "iou": rule.iou * region_iou_loss(looked.iou, iou, is_foreground),
        "metric": rule.metric * distances / max(1, len(classes)),
        "classes": rule.classes * classification_loss(classified.logits, classes),
        "mask": rule.mask * _mask_loss(heads, pyramid, drawn, truths, classified.unit[is_foreground]),
    }


def _mask_loss(
    heads: OpenSetHeads,
    pyramid: Sequence[Tensor],
    drawn: Sequence[SampledRegions],
    truths: Sequence[TaughtObjects],
    unit: Tensor,
) -> Tensor:
    num_known = heads.classifier.out_features - 1
    foreground = [one.classes < num_known for one in drawn]
    boxes = [one.boxes[chosen] for one, chosen in zip(drawn, foreground, strict=True)]
    targets = [
        truth.mask_targets(one.truth[chosen], ours)
        for truth, one, chosen, ours in zip(truths, drawn, foreground, boxes, strict=True)
    ]
    return mask_loss(heads.mask_logits(pyramid, boxes, unit), torch.cat(targets))
