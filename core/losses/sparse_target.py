"""Soft targets of pasted images without a dense one-hot tensor.

A pixel has at most one hard label and one (class, weight) pair per paste, so a target is K planes of pairs,
K = 1 + pastes. A dense one-hot of 24 images, 151 channels and 512 x 512 pixels would take 3.8 GB.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX


@dataclass(frozen=True, eq=False)
class SparseTarget:
    """The target y[b,c,p] = Σ_k weights[b,k,p] · [classes[b,k,p] = c].

    Attributes:
        classes: (B, K, H, W) int64 channel indices, all valid even where the weight is 0.
        weights: (B, K, H, W) float in [0, 1]; they sum to at most 1 over K, and to 0 where the pixel is ignored.
    """

    classes: Tensor
    weights: Tensor

    def __post_init__(self) -> None:
        if self.classes.dim() != 4 or self.classes.shape != self.weights.shape:
            raise ValueError(
                f"classes {tuple(self.classes.shape)} and weights {tuple(self.weights.shape)} must both be (B, K, H, W)"
            )

    @classmethod
    def from_labels(
        cls, labels: Tensor, ignore_index: int = IGNORE_INDEX, dtype: torch.dtype = torch.float32
    ) -> SparseTarget:
        """Return the one-hot target of hard labels.

        Args:
            labels: (B, H, W) int64 channel indices, or `ignore_index`, which gets no weight.
            ignore_index: label value of pixels that no loss counts.
            dtype: of the weights.
        """
        ignored = labels == ignore_index
        classes = labels.masked_fill(ignored, 0)[:, None]  # (B, 1, H, W)
        return cls(classes, (~ignored).to(dtype)[:, None])

    @property
    def labelled(self) -> Tensor:
        """(B, H, W) bool: pixels with any target at all."""
        return self.weights.sum(dim=1) > 0

    def hard_labels(self, ignore_index: int = IGNORE_INDEX) -> Tensor:
        """Return the (B, H, W) channel of the largest weight, the first on ties; `ignore_index` without any weight."""
        largest, plane = self.weights.max(dim=1, keepdim=True)
        channels = self.classes.gather(1, plane)[:, 0]
        return torch.where(largest[:, 0] > 0, channels, ignore_index)

    def new_region_weight(self, num_old: int) -> Tensor:
        """Return M_N (B, H, W) in [0, 1]: the weight of new classes at each pixel (EIR 4.5).

        Args:
            num_old: T, old channels with the background; channels from T on are new.
        """
        return (self.weights * (self.classes >= num_old)).sum(dim=1)

    def to_dense(self, num_channels: int) -> Tensor:
        """Return y as (B, num_channels, H, W): for tests and pictures, not for training."""
        batch, _, height, width = self.classes.shape
        dense = self.weights.new_zeros(batch, num_channels, height, width)
        return dense.scatter_add_(1, self.classes, self.weights)
