"""Prompts of a batch in groups of one kind and length, and their tokens (CoSAM 3.5, 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from core.models.sam.decoding import PromptGroup

PromptKind = Literal["box", "points", "noise_mask"]


@dataclass(frozen=True)
class Prompt:
    """The prompt of one image, in pixels of the encoder's image.

    Attributes:
        kind: decides the form of `values`.
        values: (4,) x1 y1 x2 y2 of a box, (n, 2) x and y of positive points, or (1, m, m) mask.
    """

    kind: PromptKind
    values: Tensor


@dataclass(frozen=True)
class PromptValues:
    """The prompts of one kind and length in a batch.

    Attributes:
        kind: of all of them.
        rows: (n,) int64 places in the batch.
        values: (n, …), see `Prompt`.
    """

    kind: PromptKind
    rows: Tensor
    values: Tensor


def group_prompts(prompts: Sequence[Prompt]) -> list[PromptValues]:
    """Return the prompts of a batch by kind and number of tokens, in order of first appearance."""
    groups: dict[tuple[PromptKind, torch.Size], list[int]] = {}
    for row, prompt in enumerate(prompts):
        groups.setdefault((prompt.kind, prompt.values.shape), []).append(row)
    return [
        PromptValues(kind, torch.tensor(rows), torch.stack([prompts[row].values for row in rows]))
        for (kind, _), rows in groups.items()
    ]


@torch.no_grad()
def encode_prompts(encoder: Any, groups: Sequence[PromptValues], device: torch.device) -> list[PromptGroup]:
    """Return the tokens of a batch's prompts, by the frozen prompt encoder; nothing waits for the device."""
    return [_encode(encoder, group, device) for group in groups]


def encode_points(encoder: Any, points: Tensor, is_positive: Tensor, has_box: bool = False) -> Tensor:
    """Return the tokens of points, followed by the padding's token unless there is a box.

    Args:
        encoder: a `segment_anything` prompt encoder.
        points: (n, k, 2) x and y in pixels of the encoder's image.
        is_positive: (n, k) whether a point lies on the object.
        has_box: leave the padding out.

    Returns:
        (n, k + 1, d), or (n, k, d) with a box.
    """
    negative, positive = (embedding.weight for embedding in encoder.point_embeddings[:2])
    places = encoder.pe_layer.forward_with_coords(points + 0.5, encoder.input_image_size)
    tokens: Tensor = places + torch.where(is_positive[..., None], positive, negative)
    if has_box:
        return tokens
    return torch.cat([tokens, encoder.not_a_point_embed.weight.expand(len(points), 1, -1)], dim=1)


def _encode(encoder: Any, group: PromptValues, device: torch.device) -> PromptGroup:
    values = group.values.to(device, non_blocking=True)
    rows = group.rows.to(device, non_blocking=True)
    if group.kind == "points":
        _, dense = encoder(points=None, boxes=None, masks=None)
        is_positive = torch.ones(values.shape[:2], dtype=torch.bool, device=device)
        sparse = encode_points(encoder, values, is_positive)
        return PromptGroup(rows, sparse, dense.expand(len(values), -1, -1, -1))
    boxes, masks = (values, None) if group.kind == "box" else (None, values)
    sparse, dense = encoder(points=None, boxes=boxes, masks=masks)
    return PromptGroup(rows, sparse, dense)
