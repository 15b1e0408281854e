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
    """

    network: MultiHeadNetwork
    discriminators: nn.ModuleList
    network_optimizer: torch.optim.Optimizer
    discriminator_optimizer: torch.optim.Optimizer
    kind: AdversarialLoss = "vanilla"
    weight: float = 0.001
    ignore_index: int = IGNORE_INDEX

    def update(self, batch: WarmUpBatch) -> WarmUpLosses:
        """Train the network, then the discriminators on what it said before."""
        size = batch.labels.shape[-2:]
        self.network_optimizer.zero_grad(set_to_none=True)
        features = self.network.features(batch.images)
        source = [resize_logits(head(features), size) for head in self.network.heads]
        loss = torch.stack([cross_entropy(logits, batch.labels, self.ignore_index) for logits in source]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        targets, alignment = [], []
        with _fixed(self.discriminators):
            for head, discriminator, images in zip(self.network.heads, self.discriminators, batch.targets, strict=True):
                logits = resize_logits(head(self.network.features(images)), images.shape[-2:])
                aligned = self.weight * alignment_loss(discriminator, logits, self.kind)
                aligned.backward()  # type: ignore[no-untyped-call]
                targets.append(logits.detach())
                alignment.append(aligned.detach())
        self.network_optimizer.step()
        return WarmUpLosses(loss.detach(), alignment, self._teach([one.detach() for one in source], targets))

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


@contextmanager
def _fixed(modules: nn.Module) -> Iterator[None]:
    """Let gradients pass through modules, and gather none in them."""
    modules.requires_grad_(False)
    try:
        yield
    finally:
        modules.requires_grad_(True)
