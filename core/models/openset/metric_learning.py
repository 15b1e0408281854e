"""Prototypes of known classes in an embedding space; a region far from all is unknown (SemSeg 3.5, 4.5, 4.7)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DistanceName = Literal["COS", "L2", "L1"]


class Embedded(NamedTuple):
    """(N, d) unit embeddings, and the (N, D) features that the decoder reconstructs from the raw embeddings."""

    unit: Tensor
    reconstructed: Tensor


class Nearest(NamedTuple):
    """(N,) distance to the nearest prototype, and the (N,) head index of its class."""

    distance: Tensor
    head: Tensor


class MetricSpace(nn.Module):
    """An embedding of region features, and R prototypes for each of K known classes.

    There is no reconstruction loss, although the classifier reads reconstructed features.
    """

    def __init__(self, features: int, width: int, num_known: int, per_class: int, distance: DistanceName) -> None:
        """Set the widths of features and embedding, K, R, and the distance."""
        super().__init__()
        self.encoder = nn.Linear(features, width)
        self.decoder = nn.Linear(width, features)
        self.prototypes = nn.Parameter(torch.randn(num_known * per_class, width))
        self.per_class, self.distance = per_class, distance

    def forward(self, features: Tensor) -> Embedded:
        """Embed (N, D) features."""
        raw = self.encoder(features)
        return Embedded(F.normalize(raw, dim=1, eps=1e-12), self.decoder(raw))

    def distances(self, unit: Tensor) -> Tensor:
        """Return the (N, K) distances of unit embeddings to the nearest prototype of each class."""
        return class_distances(unit, self.prototypes, self.per_class, self.distance)

    def nearest(self, unit: Tensor) -> Nearest:
        """Return the nearest prototype's distance and class; on a tie, the first class."""
        return Nearest(*self.distances(unit).min(dim=1))


def class_distances(unit: Tensor, prototypes: Tensor, per_class: int, distance: DistanceName) -> Tensor:
    """Return the (N, K) distances of unit vectors to the nearest prototype of each class.

    Args:
        unit: (N, d).
        prototypes: (K * R, d), rows c·R … c·R + R − 1 of class c; they are normalised here.
        per_class: R.
        distance: `COS` is 1 − cosine, `L2` Euclidean, `L1` city block.
    """
    found = vector_distances(unit, F.normalize(prototypes, dim=1, eps=1e-12), distance)
    return found.reshape(len(unit), found.shape[1] // per_class, per_class).amin(dim=2)


def vector_distances(ours: Tensor, theirs: Tensor, distance: DistanceName) -> Tensor:
    """Return the (N, M) distances between (N, d) and (M, d) unit vectors."""
    if distance == "COS":
        return 1 - ours @ theirs.T
    return torch.cdist(ours, theirs, p=2.0 if distance == "L2" else 1.0, compute_mode="donot_use_mm_for_euclid_dist")


def is_unknown(distance: Tensor, threshold: float) -> Tensor:
    """Return (N,) booleans: whether the nearest prototype is farther than the threshold."""
    return distance > threshold
