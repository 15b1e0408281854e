"""Local POD: distillation of feature maps that are pooled along rows and columns at scales (PLOP, CVPR 2021)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

SCALES = (1, 2, 4)
"""Blocks along each side, for each scale."""
FEATURE_FACTOR, LOGIT_FACTOR = 0.01, 0.0005


def local_pod_embedding(maps: Tensor, scales: Sequence[int] = SCALES) -> Tensor:
    """Return the pooled squares of a map (PLOP, equations 4 and 5; EIR 8.5).

    At scale s the map is cut into s × s blocks of k × k pixels, k = w // s. Each block gives its means over columns,
    then its means over rows. Blocks are in row-major order; pixels beyond the last block are left out.

    Args:
        maps: (B, D, h, w) with h ≥ w ≥ the largest scale.
        scales: blocks along each side.

    Returns:
        (B, Σ_s 2·s²·D·k).

    Raises:
        ValueError: if the map is wider than high, or narrower than the largest scale.
    """
    height, width = maps.shape[-2:]
    if height < width or width < max(scales):
        raise ValueError(f"a map of {width} × {height} cannot be cut into {max(scales)} × {max(scales)} square blocks")
    squares = maps.square()
    return torch.cat([_pooled_blocks(squares, scale) for scale in scales], dim=1)


def pod_loss(maps: Tensor, maps_old: Tensor, scales: Sequence[int] = SCALES) -> Tensor:
    """Return the distance ‖emb(old) − emb(new)‖₂ of each image, mean over the batch.

    Args:
        maps: (B, D, h, w) of the new model.
        maps_old: (B, D, h, w) of the old model.
        scales: see `local_pod_embedding`.
    """
    difference = local_pod_embedding(maps, scales) - local_pod_embedding(maps_old, scales)
    # Equal maps have distance 0, where the norm has no gradient; vector_norm gives 0 there.
    distances: Tensor = torch.linalg.vector_norm(difference, dim=1)
    return distances.mean()


def local_pod(
    features: Sequence[Tensor],
    features_old: Sequence[Tensor],
    logits: Tensor,
    logits_old: Tensor,
    feature_factor: float = FEATURE_FACTOR,
    logit_factor: float = LOGIT_FACTOR,
) -> Tensor:
    """Return PLOP's distillation loss: the mean over feature maps and logits of their weighted POD losses (EIR 8.5).

    Every term is multiplied by its factor and √(C/|N|), where C counts all channels and |N| the new ones.

    Args:
        features: maps of the encoder's stages before their final ReLU, (B, D, h, w) each.
        features_old: the same of the old model.
        logits: (B, C, h, w) at feature resolution.
        logits_old: (B, T, h, w), T < C.
        feature_factor: weight of each feature map.
        logit_factor: weight of the logits.
    """
    num_channels, num_new = logits.shape[1], logits.shape[1] - logits_old.shape[1]
    terms = [feature_factor * pod_loss(*pair) for pair in zip(features, features_old, strict=True)]
    terms.append(logit_factor * pod_loss(merge_new_into_background(logits, logits_old.shape[1]), logits_old))
    return math.sqrt(num_channels / num_new) * torch.stack(terms).mean()


def merge_new_into_background(logits: Tensor, num_old: int) -> Tensor:
    """Return (B, T, h, w) of logits (B, C, h, w): the sum of background and new channels, then the old channels."""
    background = logits[:, :1] + logits[:, num_old:].sum(dim=1, keepdim=True)
    return torch.cat([background, logits[:, 1:num_old]], dim=1)


def _pooled_blocks(squares: Tensor, scale: int) -> Tensor:
    batch, channels, _, width = squares.shape
    side = width // scale
    used = scale * side
    blocks = squares[:, :, :used, :used].reshape(batch, channels, scale, side, scale, side)
    over_columns = blocks.mean(dim=5).permute(0, 2, 4, 1, 3)  # (B, row of blocks, column of blocks, D, k)
    over_rows = blocks.mean(dim=3).permute(0, 2, 3, 1, 4)
    return torch.stack([over_columns, over_rows], dim=3).flatten(1)
