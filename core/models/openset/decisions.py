"""Which regions become known objects, and which unknown ones (SemSeg 4.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torchvision.ops import batched_nms, nms

from core.models.openset.boxes import clip_boxes

ScoreMode = Literal["cls", "cls_times_loc"]


@dataclass(frozen=True)
class BranchRule:
    """Rule of one branch: lowest score (exclusive), IoU of the suppression, and most objects per image."""

    score: float = 0.05
    nms_iou: float = 0.5
    topk: int = 50


@dataclass(frozen=True)
class DecisionRule:
    """How regions become objects.

    Attributes:
        known, unknown: rules of the two branches.
        score_mode: score of a known object: its class probability, or that times its localisation score.
        cross_suppress: whether known objects suppress the unknown ones that they overlap.
    """

    known: BranchRule = BranchRule()
    unknown: BranchRule = BranchRule()
    score_mode: ScoreMode = "cls"
    cross_suppress: bool = False


@dataclass(frozen=True)
class Regions:
    """The refined regions of one image, best first.

    Attributes:
        boxes: (N, 4) cut to the image.
        scores: (N,) localisation scores, √(IoU · centerness).
        rows: (N,) indices of their proposals.
    """

    boxes: Tensor
    scores: Tensor
    rows: Tensor


@dataclass(frozen=True)
class Objects:
    """The objects of one image: unknown ones first, each branch best first.

    Attributes:
        boxes: (N, 4).
        scores: (N,).
        heads: (N,) head index of a known object; -1 for an unknown one.
        rows: (N,) indices of their regions.
    """

    boxes: Tensor
    scores: Tensor
    heads: Tensor
    rows: Tensor


UNKNOWN_HEAD = -1


def localisation_scores(iou: Tensor, centerness: Tensor) -> Tensor:
    """Return (N,) √(IoU · centerness)."""
    return (iou.flatten() * centerness).sqrt()


def select_regions(boxes: Tensor, scores: Tensor, size: tuple[int, int], least: float, topk: int) -> Regions:
    """Keep the regions that are well localised, best first.

    Args:
        boxes: (N, 4) refined; rows that are not finite are left out.
        scores: (N,), see `localisation_scores`.
        size: (height, width) of the image.
        least: score that a region must exceed.
        topk: most regions.
    """
    is_kept = torch.isfinite(boxes).all(dim=1) & torch.isfinite(scores) & (scores > least)
    rows = is_kept.nonzero().flatten()
    rows = rows[scores[rows].argsort(descending=True, stable=True)[:topk]]
    return Regions(clip_boxes(boxes[rows], size), scores[rows], rows)


def decide(boxes: Tensor, scores: Tensor, is_unknown: Tensor, probs: Tensor, rule: DecisionRule) -> Objects:
    """Separate known from unknown objects, and suppress overlapping objects within each branch.

    REFERENCE: known and unknown objects do not suppress each other, and their scores are not on one scale.

    Args:
        boxes: (N, 4) of the regions.
        scores: (N,) localisation scores.
        is_unknown: (N,) booleans.
        probs: (N, K) of the known classes, without the background's.
        rule: rules of the two branches.
    """
    known = _known_objects(boxes, scores, is_unknown, probs, rule)
    rows = (is_unknown & (scores > rule.unknown.score)).nonzero().flatten()
    kept = rows[nms(boxes[rows], scores[rows], rule.unknown.nms_iou)]
    if rule.cross_suppress:
        both = torch.cat([boxes[kept], known.boxes])
        # Known objects come first whatever their scores: an unknown one never suppresses them.
        ranks = torch.cat([scores[kept].clamp(max=1), 2 + known.scores])
        survives = torch.zeros(len(both), dtype=torch.bool, device=both.device)
        survives[nms(both, ranks, rule.known.nms_iou)] = True
        kept = kept[survives[: len(kept)]]
    kept = kept[: rule.unknown.topk]
    return Objects(
        torch.cat([boxes[kept], known.boxes]),
        torch.cat([scores[kept], known.scores]),
        torch.cat([torch.full_like(kept, UNKNOWN_HEAD), known.heads]),
        torch.cat([kept, known.rows]),
    )


def _known_objects(boxes: Tensor, scores: Tensor, is_unknown: Tensor, probs: Tensor, rule: DecisionRule) -> Objects:
    values = probs * scores[:, None] if rule.score_mode == "cls_times_loc" else probs
    rows, heads = ((values > rule.known.score) & ~is_unknown[:, None]).nonzero(as_tuple=True)
    found = values[rows, heads]
    kept = batched_nms(boxes[rows], found, heads, rule.known.nms_iou)[: rule.known.topk]
    rows, heads = rows[kept], heads[kept]
    return Objects(boxes[rows], found[kept], heads, rows)
