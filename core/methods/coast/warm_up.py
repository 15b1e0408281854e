"""One update of the warm-up: learn from the source, and align the predictions on every target (CoaST 4.1)."""

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
    """A network with separate features and classifiers."""

    @property
    def heads(self) -> nn.ModuleList:
        """One classifier per target."""

    def features(self, images: Tensor) -> Tensor:
        """Return the classifiers' input of images (B, 3, H, W)."""


class WarmUpBatch(NamedTuple):
    """Images (B, 3, H, W) of the source with labels (B, H, W), and images of every target of any size."""

    images: Tensor
    labels: Tensor
    targets: Sequence[Tensor]


class WarmUpLosses(NamedTuple):
    """Loss of the source, and per target the weighted alignment loss and the discriminator's loss; detached."""

    source: Tensor
    alignment: list[Tensor]
    discriminator: list[Tensor]


@dataclass(frozen=True)
class WarmUp:
    """The networks of the warm-up, their optimisers and loss settings.

    Attributes:
        network: network with one classifier per target.
        discriminators: one per target.
        network_optimizer: optimiser of the network's parameters.
        discriminator_optimizer: optimiser of the discriminators' parameters.
        kind: kind of the adversarial loss.
        weight: λ, weight of the alignment.
        ignore_index: label of ignored pixels.
        shares_pass: pass source and targets through the encoder together if their sizes agree. Batch norm must be
            frozen, because it would mix the domains.
        dtype: precision of the forward passes.
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
        """Train the network, then the discriminators on the network's logits from before its update."""
        self.network_optimizer.zero_grad(set_to_none=True)
        has_one_size = all(images.shape[-2:] == batch.images.shape[-2:] for images in batch.targets)
        passes = self._together if self.shares_pass and has_one_size else self._one_by_one
        with _fixed(self.discriminators):
            said = passes(batch)
        self.network_optimizer.step()
        return WarmUpLosses(said.loss, said.alignment, self._teach(said.source, said.targets))

    def _one_by_one(self, batch: WarmUpBatch) -> _Said:
        """Learn from the source, then from each target, with separate forward and backward passes."""
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
        """Do the same with one pass through the encoder and one backward pass."""
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
        """Return a classifier's logits at the size of the images."""
        with autocast(features.device, self.dtype):
            logits: Tensor = head(features)
        return resize_logits(logits.float(), like.shape[-2:])

    def _source_logits(self, batch: WarmUpBatch, features: Tensor) -> list[Tensor]:
        return [self._logits(head, features, batch.images) for head in self.network.heads]

    def _source_loss(self, logits: Sequence[Tensor], batch: WarmUpBatch) -> Tensor:
        return torch.stack([cross_entropy(one, batch.labels, self.ignore_index) for one in logits]).sum()

    def _aligned(self, index: int, features: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of a target's classifier, and the weighted alignment loss."""
        logits = self._logits(self.network.heads[index], features, images)
        return logits, self.weight * alignment_loss(self.discriminators[index], logits, self.kind)

    def _teach(self, source: Sequence[Tensor], targets: Sequence[Tensor]) -> list[Tensor]:
        """Update the discriminators with logits of the source and of each target."""
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        losses = [
            discriminator_loss(discriminator, of_source, of_target, self.kind)
            for discriminator, of_source, of_target in zip(self.discriminators, source, targets, strict=True)
        ]
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        self.discriminator_optimizer.step()
        return [one.detach() for one in losses]


class _Said(NamedTuple):
    """The network's output before its update: the source's loss and logits, the targets' logits and alignment loss."""

    loss: Tensor
    source: list[Tensor]
    targets: list[Tensor]
    alignment: list[Tensor]


@contextmanager
def _fixed(modules: nn.Module) -> Iterator[None]:
    """Let gradients pass through modules without accumulating in their parameters."""
    modules.requires_grad_(False)
    try:
        yield
    finally:
        modules.requires_grad_(True)
