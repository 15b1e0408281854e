"""The best epoch's adapter, by its score on training images that are set aside."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from core.data.loaders import BatchPlan
from core.engine.validation import ValidationHook
from core.methods.promptable.heads import frozen_copy, head_predictor
from core.methods.promptable.images import DatasetImages
from core.methods.promptable.step import DomainStep
from core.models.sam.hq_head import HQHead
from core.seeding import SeedComponent, numpy_generator


class BestHead(nn.Module):
    """The best head so far and its score; checkpoints hold both."""

    score: torch.Tensor

    def __init__(self, head: HQHead) -> None:
        """Start with a head without a score."""
        super().__init__()
        self.head = head
        self.register_buffer("score", torch.tensor(-1.0))

    def offer(self, head: HQHead, score: float) -> None:
        """Keep a head if its score is better; on ties the first stays."""
        if score > float(self.score):
            self.score.fill_(score)
            self.head.load_state_dict({name: value.detach().clone() for name, value in head.state_dict().items()})


def apart(step: DomainStep, images: DatasetImages, count: int) -> tuple[DatasetImages, DatasetImages]:
    """Split the images into those to learn from and `count` set aside, drawn with the run's seed."""
    spec = step.context.spec
    draws = numpy_generator(spec.seed, spec.stage.index, SeedComponent.SELECTION, 1)
    order = draws.permutation(len(images)).tolist()
    aside, left = sorted(order[:count]), sorted(order[count:])
    return tuple(DatasetImages(images.dataset, [images.indices[at] for at in places]) for places in (left, aside))  # type: ignore[return-value]


def validation(step: DomainStep, head: HQHead, aside: DatasetImages, best: BestHead, plan: BatchPlan) -> ValidationHook:
    """Return the hook that tests the head after every epoch and keeps the best."""

    def measure(done: int) -> Mapping[str, float]:
        scores = step.tester.test(aside.dataset, aside.indices, head_predictor(step, head), done)
        best.offer(head, scores.iou or 0.0)
        return {"val_iou": scores.iou or 0.0}

    return ValidationHook(step.context.events, measure, plan.per_epoch)


def best_of(step: DomainStep, head: HQHead) -> BestHead:
    """Return the keeper of the best head."""
    return BestHead(frozen_copy(step, head))
