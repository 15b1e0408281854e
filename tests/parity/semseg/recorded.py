"""Recordings of SemSeg as tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.support.parity import load_case


def tensors(name: str) -> dict[str, Tensor]:
    """Return the arrays of a case."""
    return {key: torch.from_numpy(array) for key, array in load_case("semseg", name).items()}


def named(case: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose name begins so, by the rest of it."""
    return {key.removeprefix(prefix): value for key, value in case.items() if key.startswith(prefix)}
