"""Watches operations: what the host reads of the device, and how much is allocated. It works without a GPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

HOST_READS = {
    "_local_scalar_dense", "nonzero", "masked_select", "_unique2", "unique_dim", "unique_consecutive",
    "bincount", "equal",
}  # fmt: skip
"""Operations after which the host knows something that the device computed."""


class HostReads(TorchDispatchMode):
    """Counts operations that a GPU would be waited for.

    Attributes:
        found: their names, in order.
        largest_bytes: of the memory that any operation newly filled.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.largest_bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out an operation and note it."""
        if func.overloadpacket.__name__ in HOST_READS:
            self.found.append(func.overloadpacket.__name__)
        result = func(*args, **(kwargs or {}))
        given = {each.untyped_storage().data_ptr() for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)}
        for each in tree_leaves(result):
            # A view or an operation in place fills no new memory.
            if isinstance(each, torch.Tensor) and each.untyped_storage().data_ptr() not in given:
                self.largest_bytes = max(self.largest_bytes, each.untyped_storage().nbytes())
        return result
