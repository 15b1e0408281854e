"""Proposals scored by localisation quality, never by class (SemSeg 3.3, 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.ops import batched_nms

from core.models.openset.boxes import clip_boxes, has_area

PostProcess = Literal["none", "nms"]


class LocalisationHead(nn.Module):
    """The proposal head that all levels share: a box and a centerness for the one anchor of each cell."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.sides = nn.Conv2d(channels, 4, 1)
        self.centerness = nn.Conv2d(channels, 1, 1)

    def forward(self, features: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return (B, 4, H, W) left, top, right, bottom and the (B, 1, H, W) score in (0, 1) of each level.

        The shared features are normalised over the channels. The sigmoid is applied here: the output is the score.
        """
        shared = [F.normalize(self.conv(level).relu(), dim=1, eps=1e-12) for level in features]
        return [self.sides(level) for level in shared], [self.centerness(level).sigmoid() for level in shared]


@dataclass(frozen=True)
class ProposalRule:
    """Which boxes become proposals.

    Attributes:
        pre_topk: how many of the best boxes of each level are considered.
        post_process: `none` keeps all of these, level by level; `nms` suppresses within each level, and keeps the best.
        nms_iou: IoU of the suppression.
        post_topk: how many of the best boxes of all levels are kept after the suppression.
    """

    pre_topk: int
    post_process: PostProcess = "none"
    nms_iou: float = 0.7
    post_topk: int = 1000


@dataclass(frozen=True)
class Proposals:
    """(N, 4) boxes and (N,) scores of one image."""

    boxes: Tensor
    scores: Tensor


def select_proposals(
    boxes: Sequence[Tensor], scores: Sequence[Tensor], sizes: Sequence[tuple[int, int]], rule: ProposalRule
) -> list[Proposals]:
    """Return the proposals of each image; rows that are not finite and boxes that are empty are left out.

    PAPER: suppression, and one bound for all levels. REFERENCE: neither, so all boxes of `pre_topk` are kept.

    Args:
        boxes: (B, n, 4) decoded boxes of each level.
        scores: (B, n) of each level.
        sizes: (height, width) of each image.
        rule: which proposals are kept.
    """
    best_boxes, best_scores, levels = [], [], []
    for level, (level_boxes, level_scores) in enumerate(zip(boxes, scores, strict=True)):
        top, index = level_scores.topk(min(rule.pre_topk, level_scores.shape[1]), dim=1)
        best_scores.append(top)
        best_boxes.append(level_boxes.gather(1, index[..., None].expand(-1, -1, 4)))
        levels.append(torch.full_like(index[0], level))
    all_boxes, all_scores, all_levels = torch.cat(best_boxes, 1), torch.cat(best_scores, 1), torch.cat(levels)
    return [
        _of_one_image(all_boxes[image], all_scores[image], all_levels, size, rule) for image, size in enumerate(sizes)
    ]


def _of_one_image(
    boxes: Tensor, scores: Tensor, levels: Tensor, size: tuple[int, int], rule: ProposalRule
) -> Proposals:
    is_finite = torch.isfinite(boxes).all(dim=1) & torch.isfinite(scores)
    boxes = clip_boxes(boxes, size)
    kept = is_finite & has_area(boxes)
    boxes, scores, levels = boxes[kept], scores[kept], levels[kept]
    if rule.post_process == "nms":
        order = batched_nms(boxes, scores, levels, rule.nms_iou)[: rule.post_topk]
        boxes, scores = boxes[order], scores[order]
    return Proposals(boxes, scores)
