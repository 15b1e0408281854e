"""A first-in-first-out memory of feature vectors for each class, on the device (STAL 4.7).

The host never learns how many vectors are pushed or stored: every operation has a fixed shape, and missing vectors
are written to one spare row.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class ClassMemoryBank(nn.Module):
    """One ring buffer of vectors per class, all in one tensor.

    Attributes:
        vectors: (ΣS_c + 1, D), the concatenated rings; the last row is spare.
        inverse_norms: (ΣS_c + 1,) float32, 1/‖vector‖, so that a cosine needs no second pass over the vectors.
        lengths: (C,) int64, number of stored vectors.
        heads: (C,) int64, position of the oldest vector in its ring.
        sizes: (C,) int64, S_c.
        offsets: (C,) int64, first row of each ring.
    """

    vectors: Tensor
    inverse_norms: Tensor
    lengths: Tensor
    heads: Tensor
    sizes: Tensor
    offsets: Tensor

    def __init__(self, sizes: Sequence[int], dim: int, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        if not sizes or min(sizes) < 1:
            raise ValueError(f"queue sizes are {list(sizes)}; every class needs room for at least one vector")
        total, num_classes = sum(sizes), len(sizes)
        self.register_buffer("vectors", torch.zeros(total + 1, dim, dtype=dtype))
        self.register_buffer("inverse_norms", torch.zeros(total + 1))
        self.register_buffer("lengths", torch.zeros(num_classes, dtype=torch.long))
        self.register_buffer("heads", torch.zeros(num_classes, dtype=torch.long))
        self.register_buffer("sizes", torch.tensor(sizes))
        self.register_buffer("offsets", torch.tensor([0, *sizes[:-1]]).cumsum(0))

    @torch.no_grad()
    def push(self, vectors: Tensor, index: Tensor, counts: Tensor) -> None:
        """Append vectors to each class's ring. A full ring loses its oldest vectors.

        Args:
            vectors: (N, D), detached.
            index: (C, M) int64 rows of `vectors`, oldest first; entries from `counts[c]` on are unused.
            counts: (C,) int64, number of used entries; of more than S_c the last S_c stay.
        """
        column = torch.arange(index.shape[1], device=index.device)
        is_kept = (column < counts[:, None]) & (column >= (counts - self.sizes)[:, None])  # (C, M)
        place = (self.heads + self.lengths)[:, None] + column
        row = torch.where(is_kept, self.offsets[:, None] + place % self.sizes[:, None], len(self.vectors) - 1).flatten()
        pushed = vectors.index_select(0, torch.where(is_kept, index, 0).flatten())
        largest = torch.finfo(self.vectors.dtype).max
        self.vectors.index_copy_(0, row, pushed.clamp(-largest, largest).to(self.vectors.dtype))
        self.inverse_norms.index_copy_(0, row, 1 / pushed.float().norm(dim=1).clamp(min=1e-8))
        held = self.lengths + counts
        self.heads.copy_((self.heads + (held - self.sizes).clamp(min=0)) % self.sizes)
        self.lengths.copy_(torch.minimum(held, self.sizes))

    def rows(self, classes: Tensor, index: Tensor) -> Tensor:
        """Return the rows of vectors by age.

        Args:
            classes: (R,) int64.
            index: (R, …) int64, 0 = the oldest vector of the class.
        """
        classes = classes.reshape(-1, *[1] * (index.dim() - 1))
        return self.offsets[classes] + (self.heads[classes] + index) % self.sizes[classes]

    def contents(self, class_id: int) -> Tensor:
        """Return a class's vectors, oldest first, (n, D). Waits for the device."""
        index = torch.arange(int(self.lengths[class_id]), device=self.vectors.device)[None]
        return self.vectors[self.rows(torch.tensor([class_id], device=self.vectors.device), index)[0]]
