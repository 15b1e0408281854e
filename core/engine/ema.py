"""The mean teacher: an exponential moving average of a student's parameters (Tarvainen & Valpola, NeurIPS 2017)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


@torch.no_grad()
def update_teacher(teacher: Iterable[Tensor], student: Iterable[Tensor], decay: float) -> None:
    """Set teacher ← decay·teacher + (1 − decay)·student, in place; a decay of 0 copies the student exactly.

    Args:
        teacher: parameters, in the student's order.
        student: parameters.
        decay: in [0, 1].

    Raises:
        ValueError: if the decay is outside [0, 1].
    """
    if not 0 <= decay <= 1:
        raise ValueError(f"the teacher's decay is {decay}, expected a number in [0, 1]")
    averages, values = list(teacher), list(student)
    if decay == 0:
        torch._foreach_copy_(averages, values)
    else:
        torch._foreach_lerp_(averages, values, 1 - decay)
