"""From proposals to objects with masks (SemSeg 4.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.models.openset.boxes import decode_deltas
from core.models.openset.decisions import DecisionRule, Regions, decide, localisation_scores, select_regions
from core.models.openset.localisation_rpn import Proposals
from core.models.openset.metric_learning import is_unknown
from core.models.openset.roi_heads import OpenSetHeads


@dataclass(frozen=True)
class DetectionRule:
    """How proposals become objects.

    Attributes:
        unknown_threshold: distance from all prototypes beyond which a region is unknown.
        region_score: localisation score that a region must exceed.
        region_topk: most regions of an image.
        decision: how known and unknown objects are told apart.
    """

    unknown_threshold: float = 0.085
    region_score: float = 0.05
    region_topk: int = 1000
    decision: DecisionRule = field(default_factory=DecisionRule)


@dataclass(frozen=True)
class Candidates:
    """The regions of one image before they are split into known and unknown, best localised first.

    Attributes:
        boxes: (N, 4) cut to the image.
        scores: (N,) localisation scores.
        distance, nearest: (N,) distance to the nearest prototype, and the head index of its class.
        probs: (N, K) of the known classes; the background has the rest up to 1.
        unit: (N, d) embeddings.
    """

    boxes: Tensor
    scores: Tensor
    distance: Tensor
    nearest: Tensor
    probs: Tensor
    unit: Tensor


@dataclass(frozen=True)
class Detected:
    """The objects of one image: unknown ones first, each kind best first.

    Attributes:
        boxes: (N, 4) in the image as the model saw it.
        scores: (N,).
        heads: (N,) head index; -1 for an unknown object.
        rows: (N,) indices of the candidates.
        masks: (N, 28, 28) probabilities.
    """

    boxes: Tensor
    scores: Tensor
    heads: Tensor
    rows: Tensor
    masks: Tensor


def find_candidates(
    heads: OpenSetHeads,
    pyramid: Sequence[Tensor],
    proposals: Sequence[Proposals],
    sizes: Sequence[tuple[int, int]],
    rule: DetectionRule,
) -> list[Candidates]:
    """Refine the proposals of each image, and compute the distances and probabilities of the regions.

    Args:
        heads: the model's heads.
        pyramid: (B, C, H, W) of strides 4, 8, 16, 32.
        proposals: of each image.
        sizes: (height, width) of each image.
        rule: which regions are kept.
    """
    looked = heads.look_at(pyramid, [one.boxes for one in proposals])
    boxes = decode_deltas(torch.cat([one.boxes for one in proposals]), looked.deltas)
    scores = localisation_scores(looked.iou, torch.cat([one.scores for one in proposals]))
    counts = [len(one.boxes) for one in proposals]
    found = []
    for size, ours, theirs, features in zip(
        sizes,
        torch.split(boxes, counts),
        torch.split(scores, counts),
        torch.split(looked.features, counts),
        strict=True,
    ):
        regions: Regions = select_regions(ours, theirs, size, rule.region_score, rule.region_topk)
        classified = heads.classify(features[regions.rows])
        nearest = heads.space.nearest(classified.unit)
        probs = classified.logits.softmax(dim=1)[:, :-1]
        found.append(Candidates(regions.boxes, regions.scores, nearest.distance, nearest.head, probs, classified.unit))
    return found


def decide_on(
    heads: OpenSetHeads, pyramid: Sequence[Tensor], candidates: Sequence[Candidates], rule: DetectionRule
) -> list[Detected]:
    """Separate known from unknown objects, and predict their masks in their refined boxes."""
    decided = [
        decide(one.boxes, one.scores, is_unknown(one.distance, rule.unknown_threshold), one.probs, rule.decision)
        for one in candidates
    ]
    unit = torch.cat([one.unit[objects.rows] for one, objects in zip(candidates, decided, strict=True)])
    logits = heads.mask_logits(pyramid, [objects.boxes for objects in decided], unit)
    masks = torch.split(logits.sigmoid(), [len(objects.rows) for objects in decided])
    return [
        Detected(objects.boxes, objects.scores, objects.heads, objects.rows, of_image)
        for objects, of_image in zip(decided, masks, strict=True)
    ]
