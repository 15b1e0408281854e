"""Core-set selection: keep every pool image near a labelled one (Sener and Savarese, ICLR 2018)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class CoreSet:
    """The chosen images.

    Attributes:
        indices: (K,) int64 in order of picking.
        cover_radius: float64 scalar, the largest L2 distance of any image to its nearest centre.
    """

    indices: Tensor
    cover_radius: Tensor


def k_centre_greedy(features: Tensor, is_labelled: Tensor, budget_images: int) -> CoreSet:
    """Repeatedly pick the image that is farthest from its nearest centre (STAL 6.2).

    The first centres are the labelled images. Without any, the first pick is the image nearest to the mean feature.
    Ties go to the lower index. No pick waits for the device.

    Args:
        features: (N, D), for example each image's mean representation.
        is_labelled: (N,) boolean.
        budget_images: how many to pick; fewer are returned if fewer are unlabelled.

    Raises:
        ValueError: if shapes disagree or the budget is negative.
    """
    if features.dim() != 2 or is_labelled.shape != features.shape[:1]:
        raise ValueError(
            f"features of shape {tuple(features.shape)} and labelled flags of shape {tuple(is_labelled.shape)}; "
            "expected (N, D) and (N,)"
        )
    if budget_images < 0:
        raise ValueError(f"the budget is {budget_images} images; it cannot be negative")
    points, centres = features.double(), is_labelled.nonzero()[:, 0]
    distances = torch.full((len(points),), torch.inf, dtype=torch.float64, device=points.device)
    for index in range(len(centres)):
        distances = torch.minimum(distances, _squared_distances(points, centres[index : index + 1]))
    is_open = ~is_labelled.bool()
    picks: list[Tensor] = []
    for _ in range(min(budget_images, len(points) - len(centres))):
        pick = _farthest(distances, is_open) if picks or len(centres) else _most_central(points)
        distances = torch.minimum(distances, _squared_distances(points, pick))
        is_open = is_open.index_fill(0, pick, False)
        picks.append(pick)
    indices = torch.cat(picks) if picks else centres.new_empty(0)
    radius = distances.max().sqrt() if len(points) else distances.sum()
    return CoreSet(indices, radius)


def _most_central(points: Tensor) -> Tensor:
    return (points - points.mean(dim=0)).square().sum(dim=1).argmin(keepdim=True)


def _farthest(distances: Tensor, is_open: Tensor) -> Tensor:
    return torch.where(is_open, distances, -torch.inf).argmax(keepdim=True)


def _squared_distances(points: Tensor, centre: Tensor) -> Tensor:
    # Differences, not |a|² − 2ab + |b|²: identical images then have distance 0, and ties stay ties.
    # index_select, because indexing with a one-element tensor would wait for the device.
    return (points - points.index_select(0, centre)).square().sum(dim=1)
