"""Learnable prompts that images choose by key (L2P, CVPR 2022; CoSAM 5.2)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

Query = Literal["mean", "max", "mean_max", "cls"]
"""How an image's embedding becomes a query."""
LEAST_SQUARE = 1e-12


class ChosenPrompts(NamedTuple):
    """Prompts of a batch of B images.

    Attributes:
        tokens: (B, k·length, d).
        ids: (B, k) which prompts they are.
        similarity: (B, M) cosine of each image's query and each key.
        key_similarity: scalar; sum over chosen prompts, mean over images.
    """

    tokens: Tensor
    ids: Tensor
    similarity: Tensor
    key_similarity: Tensor


class PromptPool(nn.Module):
    """M prompts of several tokens with a key each.

    Attributes:
        prompt: (M, length, d).
        key: (M, d).
    """

    def __init__(self, size: int, length: int, channels: int, generator: torch.Generator | None = None) -> None:
        """Draw prompts and keys uniformly in [-1, 1)."""
        super().__init__()
        self.prompt = nn.Parameter(torch.rand(size, length, channels, generator=generator) * 2 - 1)
        self.key = nn.Parameter(torch.rand(size, channels, generator=generator) * 2 - 1)

    def choose(
        self, queries: Tensor, top_k: int, *, batchwise: bool = True, forced: Tensor | None = None
    ) -> ChosenPrompts:
        """Choose prompts for images.

        Args:
            queries: (B, d) see `query_of`.
            top_k: k, prompts of an image; at most M.
            batchwise: give all images the k prompts that are most often among an image's best k; ties go to the first.
            forced: (B, k) ids to use instead.
        """
        similarity = normalised(queries) @ normalised(self.key).T  # (B, M)
        ids = forced if forced is not None else self._best(similarity, top_k, batchwise)
        tokens = self.prompt[ids].flatten(1, 2)
        return ChosenPrompts(tokens, ids, similarity, similarity.gather(1, ids).sum() / len(queries))

    def _best(self, similarity: Tensor, top_k: int, batchwise: bool) -> Tensor:
        own = _first_largest(similarity.detach(), top_k)
        if not batchwise:
            return own
        votes = torch.zeros(len(self.key), dtype=torch.int64, device=own.device)
        votes = votes.scatter_add(0, own.flatten(), torch.ones_like(own.flatten()))
        return _first_largest(votes, top_k).expand(len(own), -1)


def query_of(embeddings: Tensor, kind: Query = "mean", cls: Tensor | None = None) -> Tensor:
    """Return the query of image embeddings.

    Args:
        embeddings: (B, d, h, w).
        kind: `mean` or `max` over the grid, `mean_max` = max + 2·mean, or `cls`: a given vector, or else the maximum.
        cls: (B, d) the vector of kind `cls`.

    Returns:
        (B, d).
    """
    if kind == "cls" and cls is not None:
        return cls
    mean, largest = embeddings.mean(dim=(2, 3)), embeddings.amax(dim=(2, 3))
    return {"mean": mean, "max": largest, "mean_max": largest + 2 * mean, "cls": largest}[kind]


def normalised(vectors: Tensor) -> Tensor:
    """Return vectors (..., d) scaled to length 1; vectors shorter than 1e-6 stay shorter than 1."""
    return vectors * vectors.square().sum(dim=-1, keepdim=True).clamp_min(LEAST_SQUARE).rsqrt()


def _first_largest(values: Tensor, count: int) -> Tensor:
    """Return the positions of the largest values of the last axis; ties go to the first."""
    return values.sort(dim=-1, descending=True, stable=True).indices[..., :count]
