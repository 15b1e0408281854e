"""The whole open-set detector (SemSeg 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.models.openset.backbones import Pyramid
from core.models.openset.boxes import decode_sides, grid_anchors
from core.models.openset.localisation_rpn import LocalisationHead, ProposalRule, Proposals, select_proposals
from core.models.openset.roi_heads import HeadSizes, OpenSetHeads


class ProposalOutput(NamedTuple):
    """The predictions for every anchor of all levels.

    Attributes:
        anchors: (R, 4) of all levels.
        sides: (B, R, 4) predicted left, top, right, bottom.
        scores: (B, R) in (0, 1).
        per_level: number of anchors of each level.
    """

    anchors: Tensor
    sides: Tensor
    scores: Tensor
    per_level: list[int]


class OpenSetDetector(nn.Module):
    """Proposals by localisation, and heads that tell known from unknown objects."""

    def __init__(self, trunk: Pyramid, sizes: HeadSizes, num_known: int, anchor_px: Sequence[float]) -> None:
        super().__init__()
        self.trunk = trunk
        self.proposals = LocalisationHead(trunk.channels)
        self.heads = OpenSetHeads(sizes, num_known)
        self._anchor_px = tuple(anchor_px)

    def propose(self, levels: Sequence[Tensor]) -> ProposalOutput:
        """Predict sides and score of every anchor of the five levels."""
        sides, scores = self.proposals(levels)
        grids = [(level.shape[2], level.shape[3]) for level in levels]
        anchors = grid_anchors(grids, self._anchor_px, device=levels[0].device)
        flat = [one.flatten(2).transpose(1, 2) for one in sides]  # (B, h * w, 4) each
        values = [one.flatten(1) for one in scores]
        return ProposalOutput(torch.cat(anchors), torch.cat(flat, 1), torch.cat(values, 1), [len(a) for a in anchors])

    @torch.no_grad()
    def select(self, output: ProposalOutput, sizes: Sequence[tuple[int, int]], rule: ProposalRule) -> list[Proposals]:
        """Return the proposals of each image, which have no gradient; see `select_proposals`."""
        boxes = decode_sides(output.anchors, output.sides)
        return select_proposals(
            torch.split(boxes, output.per_level, 1), torch.split(output.scores, output.per_level, 1), sizes, rule
        )


def initialise(model: OpenSetDetector) -> None:
    """Re-initialise the heads from torch's global generator; the trunk keeps its weights."""
    for name, module in [*model.proposals.named_modules(), *model.heads.named_modules()]:
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            _draw(name, module)
            assert module.bias is not None
            nn.init.zeros_(module.bias)
    nn.init.normal_(model.heads.space.prototypes)


def _draw(name: str, module: nn.Module) -> None:
    weight = module.weight
    assert isinstance(weight, Tensor)
    if name.startswith("mask.") and not isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu")
    elif name in ("box.fc1", "box.fc2"):
        nn.init.kaiming_uniform_(weight, a=1)
    else:
        nn.init.normal_(weight, std=0.001 if name == "box.deltas" else 0.01)
