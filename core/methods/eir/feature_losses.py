"""Optional losses on features: clustering around prototypes, separation of classes, constancy within old classes.

None waits for the device: absent classes get weight 0. Labels are resized by nearest to the size of the features.
Sums over pixels are matrix products, because scatters on a GPU add in no fixed order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX


class ClassSums(NamedTuple):
    """Sum of the features of each channel's pixels (C, D), and their number (C,)."""

    sums: Tensor
    counts: Tensor

    @property
    def means(self) -> Tensor:
        """(C, D) mean features; 0 for channels without pixels."""
        return self.sums / self.counts.clamp(min=1)[:, None]


def class_sums(features: Tensor, labels: Tensor, num_channels: int) -> ClassSums:
    """Sum features by channel. Background and ignored pixels count nowhere.

    Args:
        features: (B, D, h, w).
        labels: (B, H, W) int64 channels or 255.
        num_channels: C.
    """
    pixels = _pixels(features)
    membership = _membership(_resized(labels, features), num_channels).to(pixels.dtype)  # (P, C)
    return ClassSums(membership.T @ pixels, membership.sum(dim=0))


class Prototypes:
    """Running mean of the features of each class, over all its pixels so far (EIR 4.5).

    Attributes:
        means: (C, D), initially 0; row 0, the background's, stays 0.
        counts: (C,) pixels so far.
    """

    def __init__(self, num_channels: int, num_features: int, device: torch.device | str = "cpu") -> None:
        self.means = torch.zeros(num_channels, num_features, device=device)
        self.counts = torch.zeros(num_channels, device=device)

    @torch.no_grad()
    def update(self, features: Tensor, labels: Tensor) -> None:
        """Take in a batch: proto ← (Σ features + count·proto)/(count + n), count ← count + n.

        Args:
            features: (B, D, h, w).
            labels: (B, H, W) int64 channels or 255.
        """
        sums, counts = class_sums(features, labels, len(self.counts))
        total = self.counts + counts
        means = (sums + self.counts[:, None] * self.means) / total.clamp(min=1)[:, None]
        self.means = torch.where(counts[:, None] > 0, means, self.means)
        self.counts = total

    def state(self) -> dict[str, Any]:
        """Return the prototypes as JSON data; float32 survives it exactly."""
        return {"means": self.means.tolist(), "counts": self.counts.tolist()}

    def restore(self, state: dict[str, Any]) -> None:
        """Load the prototypes of a checkpoint."""
        self.means, self.counts = (torch.tensor(state[name], device=self.means.device) for name in ("means", "counts"))


def feature_clustering(
    features: Tensor, labels: Tensor, prototypes: Tensor, *, with_background: bool = False
) -> Tensor:
    """Return the mean squared distance of features from their class's prototype, mean over the batch's classes.

    REFERENCE: drops the smallest id present as "background", whatever it is. We drop channel 0.

    Args:
        features: (B, D, h, w).
        labels: (B, H, W) int64 channels or 255.
        prototypes: (C, D).
        with_background: also count channel 0. Then the loss is halved, as in the reference.

    Returns:
        Scalar; 0 with zero gradient when no class is present.
    """
    pixels = _pixels(features)
    small = _resized(labels, features)
    membership = _membership(small, len(prototypes), first=0 if with_background else 1).to(pixels.dtype)
    own = prototypes[_valid(small, len(prototypes)).flatten()]  # (P, D)
    losses = _mean_by_class((pixels - own).square().mean(dim=1), membership)
    return losses / 2 if with_background else losses


def feature_separation(features: Tensor, labels: Tensor, num_channels: int, margin: float = 2.0) -> Tensor:
    """Return mean_ij max(0, margin − D_ij) over the batch's classes.

    D_ij = 1 − cosine of the class means, D_ii = 2.

    Args:
        features: (B, D, h, w).
        labels: (B, H, W) int64 channels or 255; background and 255 do not count.
        num_channels: C.
        margin: distance from which two classes cost nothing.

    Returns:
        Scalar; 0 with zero gradient when no class is present.
    """
    found = class_sums(features, labels, num_channels)
    directions = F.normalize(found.means, dim=1)
    distances = 1 - directions @ directions.T  # (C, C)
    same = torch.eye(num_channels, dtype=torch.bool, device=features.device)
    is_present = found.counts > 0
    counts = is_present[:, None] & is_present[None]
    losses = torch.where(counts, (margin - torch.where(same, 2.0, distances)).relu(), 0)
    return losses.sum() / counts.sum().clamp(min=1)


def intra_class(features: Tensor, features_old: Tensor, labels: Tensor, logits_old: Tensor, num_old: int) -> Tensor:
    """Keep each feature's offset from its class's mean as it was in the old model.

    The class is the old model's argmax. Pixels with a label of a new class, or ignored ones, do not count. For each old
    class: Σ (f − mean f − (f_old − mean f_old))²/n, means detached; mean over the classes present (EIR 4.5).

    Args:
        features, features_old: (B, D, h, w).
        labels: (B, H, W) int64 channels or 255.
        logits_old: (B, T, H, W) of the old model, resized by nearest.
        num_old: T; labels from T on do not count.

    Returns:
        Scalar; 0 with zero gradient when no old class is present.
    """
    num_channels = logits_old.shape[1]
    small = F.interpolate(logits_old, features.shape[-2:], mode="nearest").argmax(dim=1)
    classes = torch.where(_resized(labels, features) < num_old, small, 0)
    pixels, pixels_old = _pixels(features), _pixels(features_old)
    membership = _membership(classes, num_channels).to(pixels.dtype)
    count = membership.sum(dim=0)
    shift = (membership.T @ (pixels - pixels_old).detach()) / count.clamp(min=1)[:, None]  # (C, D)
    offsets = pixels - pixels_old - shift[classes.flatten()]
    return _mean_by_class(offsets.square().sum(dim=1), membership)


def _mean_by_class(losses: Tensor, membership: Tensor) -> Tensor:
    """Return the mean over the classes present of the mean over their pixels, of losses (P,)."""
    counts = membership.sum(dim=0)
    means = (membership.T @ losses) / counts.clamp(min=1)
    return means.sum() / (counts > 0).sum().clamp(min=1)


def _pixels(features: Tensor) -> Tensor:
    return features.movedim(1, -1).flatten(0, 2)  # (P, D)


def _resized(labels: Tensor, features: Tensor) -> Tensor:
    """Return the labels at the size of the features, by nearest: (B, h, w)."""
    # Interpolation takes no integers; ids are exact in float32.
    return F.interpolate(labels[:, None].float(), features.shape[-2:], mode="nearest")[:, 0].long()


def _valid(labels: Tensor, num_channels: int) -> Tensor:
    """Return the labels, 0 instead of 255 and other channels that are not there."""
    return torch.where(labels < num_channels, labels, 0)


def _membership(labels: Tensor, num_channels: int, first: int = 1) -> Tensor:
    """Return (P, C): whether a pixel has a channel, for channels from `first` on."""
    flat = labels.flatten()
    channels = torch.arange(num_channels, device=labels.device)
    return (flat[:, None] == channels) & (channels >= first) & (flat != IGNORE_INDEX)[:, None]
