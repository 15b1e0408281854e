"""The interface that a method's network needs for valuing a pool."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn


class Teacher(Protocol):
    """A network in evaluation mode on its device. `encode` and `decode` are separate: decodings share an encoding."""

    @property
    def num_classes(self) -> int:
        """Number of classes C."""

    @property
    def device(self) -> torch.device:
        """Device for the images."""

    @property
    def decoder(self) -> nn.Module:
        """The module behind `decode`; holds the dropout layers for functions that need them."""

    def encode(self, images: Tensor) -> Tensor:
        """Return the input (B, D, h, w) of `decode` and `represent` for normalised images (B, 3, H, W)."""

    def decode(self, encoded: Tensor) -> Tensor:
        """Return float32 logits (B, C, h, w), at the network's own stride."""

    def represent(self, encoded: Tensor) -> Tensor:
        """Return a float32 feature vector (B, E) per image; similar images have near vectors."""
