"""One update of self-training: source loss, then each target's loss with the other classifiers (CoaST 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.engine.inference import resize_logits
from core.engine.precision import autocast
from core.methods.coast.losses import TargetLogits, TargetLossOptions, TargetTerms, source_loss, target_terms
from core.methods.coast.style_memory import StyleBank, StylePass
from core.models.deeplabv2 import DeepLabV2


class SourceViews(NamedTuple):
    """Weak views (B, 3, H, W) of the source, and channels (B, H, W) int64; 255 = ignored."""

    images: Tensor
    labels: Tensor


class TargetViews(NamedTuple):
    """Strong views (B, 3, H, W) of a target, and its pseudo-labels (B, h, w) int64 on the grid of the losses."""

    images: Tensor
    labels: Tensor


class SelfTrainingLosses(NamedTuple):
    """Loss of the source, and every target's loss with its parts; detached."""

    source: Tensor
    targets: list[Tensor]
    terms: list[TargetTerms]


@dataclass(frozen=True)
class SelfTraining:
    """The network of self-training, its optimiser and its loss settings.

    Attributes:
        network: has a classifier per target, followed by the domain-agnostic classifier.
        optimizer: optimiser of the network's parameters.
        bank: styles of the targets.
        options: how a target's loss is made.
        ratio: weight of the stylised views.
        dtype: precision of the forward passes.
    """

    network: DeepLabV2
    optimizer: torch.optim.Optimizer
    bank: StyleBank
    options: TargetLossOptions
    ratio: float = 1.0
    dtype: torch.dtype = torch.float32

    def update(self, source: SourceViews, targets: Sequence[TargetViews]) -> SelfTrainingLosses:
        """Do one update: one pass of the source, and per target (of K) one plain and K − 1 stylised passes."""
        self.optimizer.zero_grad(set_to_none=True)
        features = self._features(source.images, self.bank.other_pass())
        loss = source_loss([self._logits(head, features) for head in range(len(self.network.heads))], source.labels)
        loss.backward()  # type: ignore[no-untyped-call]
        of_targets, parts = [], []
        for index, views in enumerate(targets):
            terms = target_terms(self._target_logits(index, views), views.labels, self.options, IGNORE_INDEX)
            of_target = terms.total(self.ratio)
            of_target.backward()  # type: ignore[no-untyped-call]
            of_targets.append(of_target.detach())
            parts.append(TargetTerms(*(term.detach() for term in terms)))
        self.optimizer.step()
        return SelfTrainingLosses(loss.detach(), of_targets, parts)

    def _target_logits(self, index: int, views: TargetViews) -> TargetLogits:
        """Return the classifiers' logits of a target's views at the size of its labels."""
        size, bank = views.labels.shape[-2:], self.bank
        bank.images.record(index, views.images)
        features = self._features(views.images, bank.plain_pass(index))
        specific, agnostic = (resize_logits(self._logits(head, features), size) for head in (index, -1))
        stylised = []
        for other in (one for one in range(len(self.network.heads) - 1) if one != index):
            images = bank.images.stylise(views.images, other)
            styled = self._features(images, bank.stylised_pass(other))
            stylised.append(resize_logits(self._logits(other, styled), size))
        return TargetLogits(specific, agnostic, stylised)

    def _features(self, images: Tensor, styles: StylePass) -> Tensor:
        with autocast(images.device, self.dtype):
            return self.network.features(images, styles.through)

    def _logits(self, head: int, features: Tensor) -> Tensor:
        with autocast(features.device, self.dtype):
            logits: Tensor = self.network.heads[head](features)
        return logits.float()
