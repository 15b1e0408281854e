"""One update of the warm-up: learn from the source, and look alike on every target (CoaST 4.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from core.data.classes import IGNORE_INDEX
from core.engine.inference import resize_logits
from core.engine.precision import autocast
from core.losses.cross_entropy import cross_entropy
from core.methods.coast.adversarial import AdversarialLoss, alignment_loss, discriminator_loss


class MultiHeadNetwork(Protocol):
    """A network of which each classifier can be asked alone."""

    @property
    def heads(self) -> nn.ModuleList:
        """One classifier a target."""

    def features(self, images: Tensor) -> Tensor:
        """Return what the classifiers read, of images (B, 3, H, W)."""


class WarmUpBatch(NamedTuple):
    """Images (B, 3, H, W) of the source with labels (B, H, W), and images of every target of any size."""

    images: Tensor
    labels: Tensor
    targets: Sequence[Tensor]


class WarmUpLosses(NamedTuple):
    """Loss of the source, and of every target: the weighted alignment, and the discriminator's; without gradients."""

    source: Tensor
    alignment: list[Tensor]
    discriminator: list[Tensor]


@dataclass(frozen=True)
class WarmUp:
    """What a warm-up trains.

    Attributes:
        network: with one classifier a target.
        discriminators: one a target.
        network_optimizer: of the network's parameters.
        discriminator_optimizer: of the discriminators' parameters.
        kind: of the adversarial loss.
        weight: λ of the alignment.
        ignore_index: label of pixels that do not count.
        shares_pass: send the source and all targets through the encoder at once, where they have one size. Every batch
            norm must be frozen: it would mix the domains.
        dtype: arithmetic of the forward passes.
    """

    network: MultiHeadNetwork
    discriminators: nn.ModuleList
    network_optimizer: torch.optim.Optimizer
    discriminator_optimizer: torch.optim.Optimizer
    kind: AdversarialLoss = "vanilla"
    weight: float = 0.001
    ignore_index: int = IGNORE_INDEX
    shares_pass: bool = False
    dtype: torch.dtype = torch.float32

    def update(self, batch: WarmUpBatch) -> WarmUpLosses:
        """Train the network, then the discriminators on what it said before."""
        self.network_optimizer.zero_grad(set_to_none=True)
        has_one_size = all(images.shape[-2:] == batch.images.shape[-2:] for images in batch.targets)
        passes = self._together if self.shares_pass and has_one_size else self._one_by_one
        with _fixed(self.discriminators):
            said = passes(batch)
        self.network_optimizer.step()
        return WarmUpLosses(said.loss, said.alignment, self._teach(said.source, said.targets))

    def _one_by_one(self, batch: WarmUpBatch) -> _Said:
        """Learn from the source, then from each target, with a pass and a backward pass each."""
        source = self._source_logits(batch, self._features(batch.images))
        loss = self._source_loss(source, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        targets, alignment = [], []
        for index, images in enumerate(batch.targets):
            logits, aligned = self._aligned(index, self._features(images), images)
            aligned.backward()  # type: ignore[no-untyped-call]
            targets.append(logits.detach())
            alignment.append(aligned.detach())
        return _Said(loss.detach(), [one.detach() for one in source], targets, alignment)

    def _together(self, batch: WarmUpBatch) -> _Said:
        """Do the same by one pass through the encoder, and one backward pass."""
        joined = self._features(torch.cat([batch.images, *batch.targets]))
        features, *of_targets = torch.split_with_sizes(joined, [len(batch.images), *map(len, batch.targets)])
        source = self._source_logits(batch, features)
        loss = self._source_loss(source, batch)
        found = [self._aligned(index, *pair) for index, pair in enumerate(zip(of_targets, batch.targets, strict=True))]
        torch.stack([loss, *(aligned for _, aligned in found)]).sum().backward()  # type: ignore[no-untyped-call]
        targets, alignment = zip(*((logits.detach(), aligned.detach()) for logits, aligned in found), strict=True)
        return _Said(loss.detach(), [one.detach() for one in source], list(targets), list(alignment))

    def _features(self, images: Tensor) -> Tensor:
        with autocast(images.device, self.dtype):
            return self.network.features(images)

    def _logits(self, head: nn.Module, features: Tensor, like: Tensor) -> Tensor:
        """Return what a classifier says at the size of images."""
        with autocast(features.device, self.dtype):
            logits: Tensor = head(features)
        return resize_logits(logits.float(), like.shape[-2:])

    def _source_logits(self, batch: WarmUpBatch, features: Tensor) -> list[Tensor]:
        return [self._logits(head, features, batch.images) for head in self.network.heads]

    def _source_loss(self, logits: Sequence[Tensor], batch: WarmUpBatch) -> Tensor:
        return torch.stack([cross_entropy(one, batch.labels, self.ignore_index) for one in logits]).sum()

    def _aligned(self, index: int, features: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return what a target's classifier says, and the weighted loss of its alignment."""
        logits = self._logits(self.network.heads[index], features, images)
        return logits, self.weight * alignment_loss(self.discriminators[index], logits, self.kind)

    def _teach(self, source: Sequence[Tensor], targets: Sequence[Tensor]) -> list[Tensor]:
        """Update the discriminators by logits of the source and of each target."""
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        losses = [
            discriminator_loss(discriminator, of_source, of_target, self.kind)
            for discriminator, of_source, of_target in zip(self.discriminators, source, targets, strict=True)
        ]
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        self.discriminator_optimizer.step()
        return [one.detach() for one in losses]


class _Said(NamedTuple):
    """What the network said before its update: the source's loss and logits, the targets' logits and alignment."""

    loss: Tensor
    source: list[Tensor]
    targets: list[Tensor]
    alignment: list[Tensor]


@contextmanager
def _fixed(modules: nn.Module) -> Iterator[None]:
    """Let gradients pass through modules, and gather none in them."""
    modules.requires_grad_(False)
    try:
        yield
    finally:
        modules.requires_grad_(True)
