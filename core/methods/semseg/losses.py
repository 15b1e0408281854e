"""The seven losses of SemSeg (SemSeg 4.3, 4.5)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.losses.box_regression import BoxLossName, box_loss
from core.models.openset.boxes import decode_deltas, decode_sides, encode_deltas, encode_sides
from core.models.openset.matching import NEGATIVE, POSITIVE
from core.models.openset.metric_learning import DistanceName, class_distances, vector_distances


def proposal_box_loss(
    name: BoxLossName, anchors: Tensor, deltas: Tensor, boxes: Tensor, labels: Tensor, per_image: int
) -> Tensor:
    """Return the box loss of the proposal head.

    Args:
        name: of the loss.
        anchors: (R, 4).
        deltas: (N, R, 4) predicted left, top, right, bottom.
        boxes: (N, R, 4) matched ground truth.
        labels: (N, R) of the regression's matcher; only positives have a loss.
        per_image: anchors to draw per image; the sum is divided by N times this, however many were drawn.
    """
    is_positive = labels == POSITIVE
    ours = anchors.expand_as(boxes)[is_positive]
    predicted, wanted = deltas[is_positive], boxes[is_positive]
    total = box_loss(
        name,
        (predicted, encode_sides(ours, wanted)),
        (lambda: decode_sides(ours, predicted), wanted),
    )
    return total / (per_image * len(labels))


def proposal_score_loss(scores: Tensor, targets: Tensor, labels: Tensor, per_image: int) -> Tensor:
    """Return the L1 loss of (N, R) scores over all drawn anchors, divided by N times `per_image`."""
    is_drawn = (labels == POSITIVE) | (labels == NEGATIVE)
    return (scores - targets).abs()[is_drawn].sum() / (per_image * len(labels))


def region_box_loss(
    name: BoxLossName, proposals: Tensor, deltas: Tensor, truth: Tensor, is_foreground: Tensor
) -> Tensor:
    """Return the box loss of the foreground, divided by the number M of all regions.

    Args:
        name: of the loss.
        proposals: (M, 4).
        deltas: (M, 4) predicted.
        truth: (M, 4) matched ground truth.
        is_foreground: (M,) booleans.
    """
    ours, predicted, wanted = proposals[is_foreground], deltas[is_foreground], truth[is_foreground]
    total = box_loss(
        name,
        (predicted, encode_deltas(ours, wanted)),
        (lambda: decode_deltas(ours, predicted), wanted),
    )
    return total / max(1, len(proposals))


def region_iou_loss(predicted: Tensor, iou: Tensor, is_foreground: Tensor) -> Tensor:
    """Return the L1 loss of (M,) predicted IoU over the foreground, divided by M.

    The target is the IoU of the proposal, not that of the refined box.
    """
    return (predicted.flatten() - iou).abs()[is_foreground].sum() / max(1, len(predicted))


def metric_loss(
    unit: Tensor,
    heads: Tensor,
    prototypes: Tensor,
    per_class: int,
    distance: DistanceName,
    margins: tuple[float, float],
) -> Tensor:
    """Return the loss of the metric space, before its weight and the division by the number of regions.

    Regions of a class are pulled within `alpha` of its nearest prototype and pushed beyond `beta` from all others.
    Prototypes of two classes are pushed at least `alpha + beta` apart, even without regions.

    Args:
        unit: (n, d) embeddings of the foreground of known classes.
        heads: (n,) head index of each.
        prototypes: (K * R, d), not normalised.
        per_class: R.
        distance: how distances are measured.
        margins: alpha and beta.
    """
    alpha, beta = margins
    to_classes = class_distances(unit, prototypes, per_class, distance)  # (n, K)
    is_own = F.one_hot(heads, to_classes.shape[1]).bool()
    pulled = (to_classes[is_own] - alpha).relu().sum()
    pushed = (beta - to_classes.masked_fill(is_own, torch.inf).amin(dim=1)).relu().sum()

    directions = F.normalize(prototypes, dim=1, eps=1e-12)
    between = vector_distances(directions, directions, distance)
    owner = torch.arange(len(prototypes), device=prototypes.device) // per_class
    between = between.masked_fill(owner[:, None] == owner[None], torch.inf)
    apart = (alpha + beta - between.amin(dim=1)).relu().sum()
    return pulled + pushed + apart


def classification_loss(logits: Tensor, heads: Tensor) -> Tensor:
    """Return the mean cross-entropy of (M, K + 1) logits over all regions; 0 without regions.

    Args:
        logits: background last.
        heads: (M,) head indices, K for the background. The step's data hold no region of an unknown class.
    """
    return F.cross_entropy(logits, heads, reduction="sum") / max(1, len(heads))


def mask_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean binary cross-entropy of (n, 28, 28) logits; 0, still with a graph, if n is 0."""
    if len(logits) == 0:
        return logits.sum()
    return F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
