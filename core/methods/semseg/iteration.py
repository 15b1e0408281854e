"""One iteration of the training (SemSeg 4, 5)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.engine.loop import Values
from core.engine.update import descend
from core.methods.semseg import rules
from core.methods.semseg.config import SemsegConfig
from core.methods.semseg.data import DetectionBatch
from core.methods.semseg.losses import proposal_box_loss, proposal_score_loss
from core.methods.semseg.region_losses import region_losses
from core.models.openset.detector import OpenSetDetector, ProposalOutput
from core.models.openset.matching import anchor_targets
from core.models.openset.truth import TaughtObjects


def moved(truth: TaughtObjects, device: torch.device) -> TaughtObjects:
    """Return the objects of an image on a device."""
    bitmaps = None if truth.bitmaps is None else truth.bitmaps.to(device, non_blocking=True)
    return TaughtObjects(truth.boxes.to(device), truth.heads.to(device), truth.outlines, bitmaps)


class TrainingIteration:
    """Computes the seven losses and does one update with their sum."""

    def __init__(
        self, model: OpenSetDetector, optimizer: torch.optim.Optimizer, config: SemsegConfig, device: torch.device
    ) -> None:
        self._model, self._optimizer, self._config, self._device = model, optimizer, config, device
        self._anchor_rules = rules.anchor_rules(config)
        self._proposal_rule, self._region_rule = rules.training_proposals(config), rules.region_rule(config)

    def __call__(self, batch: DetectionBatch, _done: int) -> Values:
        """Learn from one batch; returns the losses."""
        self._model.train()
        losses = self.losses(batch)
        total = torch.stack(list(losses.values())).sum()
        values = descend(self._optimizer, total, self._config.optim.clip_norm)
        return values | {f"loss_{name}": loss.detach() for name, loss in losses.items()}

    def losses(self, batch: DetectionBatch) -> dict[str, Tensor]:
        """Return the weighted losses by name; draws come from torch's global generators."""
        truths = [moved(truth, self._device) for truth in batch.truths]
        levels = self._model.trunk.levels(batch.images.to(self._device, non_blocking=True))
        output = self._model.propose(levels)
        losses = self._proposal_losses(output, truths)
        chosen = self._model.select(output, batch.sizes, self._proposal_rule)
        boxes = [one.boxes for one in chosen]
        return losses | region_losses(
            self._model.heads, levels[:4], boxes, truths, self._region_rule, self._permutation
        )

    def _proposal_losses(self, output: ProposalOutput, truths: Sequence[TaughtObjects]) -> dict[str, Tensor]:
        options, weights = self._config.proposals, self._config.loss
        targets = [
            anchor_targets(output.anchors, truth.boxes, *self._anchor_rules, self._permutation) for truth in truths
        ]
        boxes = torch.stack([one.boxes for one in targets])
        box_labels = torch.stack([one.box_labels for one in targets])
        score_labels = torch.stack([one.score_labels for one in targets])
        central = torch.stack([one.centerness for one in targets])
        box = proposal_box_loss(options.box_loss, output.anchors, output.sides, boxes, box_labels, options.per_image)
        score = proposal_score_loss(output.scores, central, score_labels, options.per_image)
        return {"proposal_box": weights.proposal_box * box, "proposal_score": weights.proposal_score * score}

    def _permutation(self, count: int) -> Tensor:
        return torch.randperm(count, device=self._device)
