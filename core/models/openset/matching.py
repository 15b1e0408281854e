"""Matching anchors and proposals to ground truth, and sampling them for training (SemSeg 4.1, 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.ops import box_iou

IGNORED, NEGATIVE, POSITIVE = -1, 0, 1
Permute = Callable[[int], Tensor]
"""n -> a permutation of 0 … n − 1, on the device of the sampled tensor."""


@dataclass(frozen=True)
class Match:
    """The best ground truth of each of N boxes.

    Attributes:
        labels: (N,) POSITIVE, NEGATIVE or IGNORED.
        truth: (N,) index of the ground truth with the largest IoU, the first of equals; 0 where there is none.
        iou: (N,) that IoU; 0 where there is none.
    """

    labels: Tensor
    truth: Tensor
    iou: Tensor


def match(truth: Tensor, boxes: Tensor, low: float, high: float, *, promotes: bool) -> Match:
    """Match boxes to ground truth.

    A box is positive from `high` on, negative below `low`, ignored between.

    REFERENCE: with `promotes`, a ground truth that overlaps no box makes every box positive. Here a ground truth
    promotes only boxes that it overlaps.

    Args:
        truth: (G, 4); may be empty, then all boxes are negative.
        boxes: (N, 4).
        low, high: bounds of the IoU.
        promotes: whether the boxes with a ground truth's largest IoU are positive even below `high`; each box keeps its
            own best ground truth.
    """
    count = len(boxes)
    if len(truth) == 0:
        none = torch.zeros(count, dtype=torch.int64, device=boxes.device)
        return Match(none.clone(), none, boxes.new_zeros(count))
    quality = box_iou(truth, boxes).nan_to_num(0)  # (G, N); two boxes without area have no IoU
    best, index = quality.max(dim=0)
    labels = torch.full_like(index, IGNORED)
    labels[best < low] = NEGATIVE
    labels[best >= high] = POSITIVE
    if promotes:
        highest = quality.amax(dim=1, keepdim=True)
        labels[((quality == highest) & (highest > 0)).any(dim=0)] = POSITIVE
    return Match(labels, index, best)


def subsample(labels: Tensor, count: int, positive_fraction: float, permute: Permute) -> tuple[Tensor, Tensor]:
    """Draw at most `count` rows without replacement: at most `positive_fraction` positive, the rest negative.

    Returns:
        Indices of the drawn positives, and of the drawn negatives.
    """
    positive, negative = ((labels == value).nonzero().flatten() for value in (POSITIVE, NEGATIVE))
    num_positive = min(len(positive), int(count * positive_fraction))
    num_negative = min(len(negative), count - num_positive)
    return (
        positive[permute(len(positive))[:num_positive]],
        negative[permute(len(negative))[:num_negative]],
    )


def keep_sampled(labels: Tensor, count: int, positive_fraction: float, permute: Permute) -> Tensor:
    """Return the labels with every row that `subsample` does not draw set to IGNORED."""
    positive, negative = subsample(labels, count, positive_fraction, permute)
    kept = torch.full_like(labels, IGNORED)
    kept[positive], kept[negative] = POSITIVE, NEGATIVE
    return kept


def centerness(anchors: Tensor, boxes: Tensor) -> Tensor:
    """Return the centerness of each anchor's centre in its box, in [0, 1]; 0 outside the box.

    It is √(min(l, r)/max(l, r) · min(t, b)/max(t, b)) of the distances to the four sides.
    """
    centres = (anchors[:, :2] + anchors[:, 2:]) / 2
    before, behind = centres - boxes[:, :2], boxes[:, 2:] - centres  # (N, 2) left and top, right and bottom
    ratios = torch.minimum(before, behind) / (torch.maximum(before, behind) + 1e-12)
    is_inside = torch.minimum(before, behind).amin(dim=1) >= 0
    return torch.where(is_inside, ratios.prod(dim=1).clamp(min=0).sqrt(), 0)


@dataclass(frozen=True)
class SamplingRule:
    """Bounds of the IoU, and how many anchors of an image are drawn."""

    low: float
    high: float
    count: int
    positive_fraction: float


@dataclass(frozen=True)
class AnchorTargets:
    """The targets of the proposal head for N anchors.

    Attributes:
        box_labels: (N,) labels of the box regression's matcher.
        score_labels: (N,) labels of the score's matcher.
        boxes: (N, 4) best ground truth of each anchor; zeros where there is none.
        centerness: (N,) 0 where `score_labels` is negative.
    """

    box_labels: Tensor
    score_labels: Tensor
    boxes: Tensor
    centerness: Tensor


def anchor_targets(
    anchors: Tensor, truth: Tensor, box_rule: SamplingRule, score_rule: SamplingRule, permute: Permute
) -> AnchorTargets:
    """Return the targets of one image.

    REFERENCE: an anchor that is positive but whose centre lies outside its box stays in the loss, with target 0.

    Args:
        anchors: (N, 4) of all levels.
        truth: (G, 4) boxes; may be empty.
        box_rule, score_rule: rules of the two matchers.
        permute: draws the samples.
    """
    labels = []
    for rule in (box_rule, score_rule):
        found = match(truth, anchors, rule.low, rule.high, promotes=True)
        labels.append(keep_sampled(found.labels, rule.count, rule.positive_fraction, permute))
    boxes = truth[found.truth] if len(truth) else torch.zeros_like(anchors)
    central = torch.where(labels[1] == NEGATIVE, 0, centerness(anchors, boxes))
    return AnchorTargets(labels[0], labels[1], boxes, central)


@dataclass(frozen=True)
class SampledRegions:
    """The regions of one image that training uses: foreground first, then background.

    Attributes:
        boxes: (M, 4).
        classes: (M,) contiguous ids; the background is the number of classes.
        iou: (M,) IoU with the best ground truth.
        truth: (M,) index of the best ground truth; 0 where there is none.
        truth_boxes: (M, 4); zeros where there is none.
    """

    boxes: Tensor
    classes: Tensor
    iou: Tensor
    truth: Tensor
    truth_boxes: Tensor


@dataclass(frozen=True)
class RegionRule:
    """How regions of an image are drawn."""

    count: int = 512
    positive_fraction: float = 0.25
    iou_threshold: float = 0.5
    appends_truth: bool = True


def sample_regions(
    proposals: Tensor, truth: tuple[Tensor, Tensor], num_classes: int, rule: RegionRule, permute: Permute
) -> SampledRegions:
    """Label the proposals of one image and draw some of them.

    Args:
        proposals: (N, 4); they get no gradient.
        truth: (G, 4) boxes and (G,) contiguous ids.
        num_classes: C; also the id of the background.
        rule: how many are drawn.
        permute: draws the samples.
    """
    boxes, classes = truth
    regions = torch.cat([proposals, boxes]).detach() if rule.appends_truth else proposals.detach()
    found = match(boxes, regions, rule.iou_threshold, rule.iou_threshold, promotes=False)
    positive, negative = subsample(found.labels, rule.count, rule.positive_fraction, permute)
    drawn = torch.cat([positive, negative])
    labels = torch.full_like(drawn, num_classes)
    index = found.truth[drawn]
    labels[: len(positive)] = classes[index[: len(positive)]]
    matched = boxes[index] if len(boxes) else torch.zeros_like(regions[drawn])
    return SampledRegions(regions[drawn], labels, found.iou[drawn], index, matched)
