"""The teacher of a round, as acquisition functions see it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.engine.precision import autocast
from core.models.deeplabv3plus import DeepLabV3Plus


@dataclass(frozen=True)
class StalTeacher:
    """A `core.acquisition.teacher.Teacher`.

    Attributes:
        network: in evaluation mode, on its device.
        dtype: precision of the forward passes.
    """

    network: DeepLabV3Plus
    dtype: torch.dtype = torch.float32

    @property
    def num_classes(self) -> int:
        """Number of classes C."""
        return self.network.num_classes

    @property
    def device(self) -> torch.device:
        """Device of the network."""
        return next(self.network.parameters()).device

    @property
    def decoder(self) -> nn.Module:
        """The modules behind `decode`: the dropout after the pyramid, and the classifier with its two dropouts."""
        return nn.ModuleList([self.network.decoder.head_dropout, self.network.decoder.classifier])

    def encode(self, images: Tensor) -> Tensor:
        """Return the concatenated low and high maps (B, D, h, w) of normalised images (B, 3, H, W)."""
        with autocast(self.device, self.dtype):
            return self.network.decoder.join(self.network.encoder(images))

    def decode(self, encoded: Tensor) -> Tensor:
        """Return logits (B, C, h, w)."""
        with autocast(self.device, self.dtype):
            logits = self.network.decoder.classify(encoded)
        return logits.float()

    def represent(self, encoded: Tensor) -> Tensor:
        """Return the mean representation (B, E)."""
        with autocast(self.device, self.dtype):
            features: Tensor = self.network.decoder.representation(encoded)
        return features.float().mean(dim=(2, 3))
