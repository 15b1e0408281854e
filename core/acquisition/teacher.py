"""What valuing a pool asks of a method's network."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn


class Teacher(Protocol):
    """A network in evaluation mode on its device. A pass is cut in two, so that several decodings share an encoding."""

    @property
    def num_classes(self) -> int:
        """C."""

    @property
    def device(self) -> torch.device:
        """Where images are to be."""

    @property
    def decoder(self) -> nn.Module:
        """What `decode` passes through; holds the dropout layers of functions that need some."""

    def encode(self, images: Tensor) -> Tensor:
        """Return what `decode` and `represent` read, (B, D, h, w), of normalised images (B, 3, H, W)."""

    def decode(self, encoded: Tensor) -> Tensor:
        """Return float32 logits (B, C, h, w), at the network's own stride."""

    def represent(self, encoded: Tensor) -> Tensor:
        """Return a float32 description (B, E) of each image, in which similar images are near."""
