"""Weights of CoaST's recordings, which are computed from the names of the tensors instead of stored."""

from __future__ import annotations

import math
import zlib

import numpy as np
import torch
from torch import Tensor, nn


def load_hashed_weights(module: nn.Module, salt: np.ndarray, prefix: str = "") -> None:
    """Fill a module's state, but for batch counters, and put it in evaluation mode.

    Args:
        module: whose state names are those of the recording.
        salt: bytes that stand before every name.
        prefix: of the module's names that the recording leaves out.
    """
    start = bytes(salt.astype(np.uint8).tolist()).decode()
    for name, tensor in module.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            tensor.copy_(hashed_weight(start, name.removeprefix(prefix), tensor))
    module.eval()


def hashed_weight(salt: str, name: str, like: Tensor) -> Tensor:
    """Return the weight of a name, in the shape of another tensor."""
    x = np.arange(like.numel(), dtype=np.uint32) * np.uint32(2654435761) + np.uint32(zlib.crc32((salt + name).encode()))
    x = (x ^ (x >> np.uint32(16))) * np.uint32(2246822519)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(3266489917)
    x ^= x >> np.uint32(16)
    u = 2 * x.astype(np.float64) / 2**32 - 1
    return torch.from_numpy(_scaled(u, name, like)).reshape(like.shape).float()


def _scaled(u: np.ndarray, name: str, like: Tensor) -> np.ndarray:
    if name.endswith("running_mean"):
        return 0.1 * u
    if name.endswith("running_var"):
        return 1 + 0.2 * np.abs(u)
    if like.dim() >= 2:
        return u * math.sqrt(6 / math.prod(like.shape[1:]))
    return 0.1 * u if name.endswith("bias") else 1 + 0.1 * u
