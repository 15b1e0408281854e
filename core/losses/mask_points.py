"""Binary mask losses on points where the model is uncertain (CoSAM 5.1; PointRend, CVPR 2020)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

NUM_POINTS = 12_544
"""P = 112²."""
OVERSAMPLE, IMPORTANCE = 3.0, 0.75
"""Number of candidates per point, and the share of the points that are chosen for their uncertainty."""

Uniform = Callable[[tuple[int, int, int]], Tensor]
"""(N, P, 2) -> a tensor of uniform draws in [0, 1), x first; called for the candidates, then for the other points."""


class MaskLoss(NamedTuple):
    """The two parts of the loss of binary masks; scalars."""

    bce: Tensor
    dice: Tensor

    @property
    def total(self) -> Tensor:
        """Sum of the parts; both have weight 1."""
        return self.bce + self.dice


def sample_maps(maps: Tensor, points: Tensor) -> Tensor:
    """Sample maps bilinearly at points of the unit square; outside the map they are 0.

    Args:
        maps: (N, 1, h, w).
        points: (N, P, 2), x and y in [0, 1].

    Returns:
        (N, P).
    """
    return F.grid_sample(maps, 2 * points[:, :, None] - 1, align_corners=False)[:, 0, :, 0]


@torch.no_grad()
def uncertain_points(
    logits: Tensor,
    uniform: Uniform,
    num_points: int = NUM_POINTS,
    oversample: float = OVERSAMPLE,
    importance: float = IMPORTANCE,
) -> Tensor:
    """Choose points where the logits are closest to 0, and add random points.

    Args:
        logits: (N, 1, h, w) of the current model.
        uniform: source of the draws.
        num_points: P.
        oversample: candidates for each point, at least 1.
        importance: share of the points that are chosen, in [0, 1]; the others are random.

    Returns:
        (N, P, 2) points of the unit square, the chosen ones first; without gradient.
    """
    num_images, num_chosen = len(logits), int(importance * num_points)
    candidates = uniform((num_images, int(oversample * num_points), 2)).to(logits)
    certainty = sample_maps(logits, candidates).abs()
    chosen = certainty.topk(num_chosen, dim=1, largest=False).indices  # (N, num_chosen)
    kept = candidates.gather(1, chosen[:, :, None].expand(-1, -1, 2))
    if num_chosen == num_points:
        return kept
    return torch.cat([kept, uniform((num_images, num_points - num_chosen, 2)).to(logits)], dim=1)


def bce_and_dice(logits: Tensor, targets: Tensor, num_masks: float) -> MaskLoss:
    """Return binary cross-entropy and Dice of points.

    Args:
        logits: (N, P).
        targets: (N, P) in [0, 1].
        num_masks: divisor of the sums over masks.
    """
    bce = F.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(dim=1).sum() / num_masks
    probs = logits.sigmoid()
    overlap = (2 * (probs * targets).sum(dim=1) + 1) / (probs.sum(dim=1) + targets.sum(dim=1) + 1)
    return MaskLoss(bce, (1 - overlap).sum() / num_masks)


def mask_loss(logits: Tensor, targets: Tensor, uniform: Uniform, num_points: int = NUM_POINTS) -> MaskLoss:
    """Return the loss of masks on points where the logits are uncertain (CoSAM 5.1); 0 without masks.

    Args:
        logits: (N, 1, h, w), at the decoder's size.
        targets: (N, 1, H, W) in [0, 1]; nothing is resized.
        uniform: source of the points.
        num_points: P.
    """
    points = uncertain_points(logits.detach(), uniform, num_points)
    with torch.no_grad():
        wanted = sample_maps(targets.to(logits), points)
    return bce_and_dice(sample_maps(logits, points), wanted, max(len(logits), 1))


def distillation_loss(logits: Tensor, old_logits: Tensor, uniform: Uniform, num_points: int = NUM_POINTS) -> MaskLoss:
    """Return the loss towards an old model's masks (LwF): sample its logits first, then apply the sigmoid.

    Args:
        logits: (N, 1, h, w) of the current model; its uncertainty chooses the points.
        old_logits: (N, 1, h', w') of the old model.
        uniform: source of the points.
        num_points: P.
    """
    points = uncertain_points(logits.detach(), uniform, num_points)
    with torch.no_grad():
        wanted = sample_maps(old_logits.to(logits), points).sigmoid()
    return bce_and_dice(sample_maps(logits, points), wanted, max(len(logits), 1))


def uniform_points(generator: torch.Generator, device: torch.device | str = "cpu") -> Uniform:
    """Return a source of points that draws from a generator of the device."""
    return lambda shape: torch.rand(shape, generator=generator, device=device)
