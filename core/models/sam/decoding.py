"""A batch of images with prompts of several kinds, decoded without a loop over images (CoSAM 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.models.sam.hq_head import DecoderInputs, HQHead, decode_masks, hq_logits, sam_masks


@dataclass(frozen=True)
class PromptGroup:
    """The images of a batch whose prompts have the same number of tokens.

    Attributes:
        rows: (n,) int64 places in the batch.
        sparse: (n, k, d) tokens; k may be 0.
        dense: (n, d, g, g).
    """

    rows: Tensor
    sparse: Tensor
    dense: Tensor


@dataclass(frozen=True)
class PromptedBatch:
    """The outputs of the frozen encoders for B images and their prompts.

    Attributes:
        embeddings: (B, d, g, g).
        early: (B, g, g, v).
        position: (1, d, g, g).
        groups: each image is in exactly one.
    """

    embeddings: Tensor
    early: Tensor
    position: Tensor
    groups: Sequence[PromptGroup]

    def inputs(self, group: PromptGroup, further: Tensor | None = None) -> DecoderInputs:
        """Return the decoder's inputs for a group.

        Args:
            group: one of the batch's.
            further: (B, k', d) tokens that follow the prompts of each image.
        """
        sparse = group.sparse if further is None else torch.cat([group.sparse, further[group.rows]], dim=1)
        early = self.early[group.rows]
        return DecoderInputs(self.embeddings[group.rows], early, sparse, group.dense, self.position)


def decode_batch(decoder: Any, head: HQHead, batch: PromptedBatch, further: Tensor | None = None) -> Tensor:
    """Return the head's masks of a batch as logits (B, 1, 4g, 4g); see `PromptedBatch.inputs`."""
    return _in_place(batch, lambda group: hq_logits(decoder, head, batch.inputs(group, further)))


def decode_with_sam(decoder: Any, batch: PromptedBatch) -> Tensor:
    """Return the frozen decoder's single masks of a batch as logits (B, 1, 4g, 4g)."""
    return _in_place(batch, lambda group: sam_masks(decoder, batch.inputs(group))[0][:, :1])


def decode_summed(decoder: Any, head: HQHead, batch: PromptedBatch, further: Tensor | None = None) -> Tensor:
    """Return the sum of the head's masks and SAM's single masks as logits (B, 1, 4g, 4g), as HQ-SAM outputs it."""

    def decode(group: PromptGroup) -> Tensor:
        masks = decode_masks(decoder, head, batch.inputs(group, further))
        return masks.hq + masks.single

    return _in_place(batch, decode)


def with_rows(batch: PromptedBatch, rows: Tensor) -> PromptedBatch:
    """Return some images of a batch as a batch of their own, in the order of `rows` (n,)."""
    place = torch.full((len(batch.embeddings),), -1, dtype=torch.int64, device=rows.device)
    place[rows] = torch.arange(len(rows), device=rows.device)
    kept = [(group, place[group.rows] >= 0) for group in batch.groups]
    groups = [
        PromptGroup(place[group.rows[is_in]], group.sparse[is_in], group.dense[is_in])
        for group, is_in in kept
        if bool(is_in.any())
    ]
    return PromptedBatch(batch.embeddings[rows], batch.early[rows], batch.position, groups)


def _in_place(batch: PromptedBatch, decode: Callable[[PromptGroup], Tensor]) -> Tensor:
    """Decode group by group, and return the masks in the order of the batch."""
    decoded = torch.cat([decode(group) for group in batch.groups])
    return decoded[torch.cat([group.rows for group in batch.groups]).argsort()]
