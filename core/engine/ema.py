"""The mean teacher: an exponential moving average of a student's parameters (Tarvainen & Valpola, NeurIPS 2017)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import torch
from torch import Tensor


@torch.no_grad()
def update_teacher(teacher: Iterable[Tensor], student: Iterable[Tensor], decay: float) -> None:
    """Set teacher ← decay·teacher + (1 − decay)·student, in place; a decay of 0 copies the student exactly.

    Args:
        teacher: parameters or buffers, in the student's order. Integer tensors are copied.
        student: the student's parameters or buffers.
        decay: in [0, 1].

    Raises:
        ValueError: if the decay is outside [0, 1].
    """
    if not 0 <= decay <= 1:
        raise ValueError(f"the teacher's decay is {decay}, expected a number in [0, 1]")
    pairs = list(zip(teacher, student, strict=True))
    # Counters, such as batch norm's, are copied, not averaged.
    averaged = [pair for pair in pairs if decay > 0 and pair[0].is_floating_point()]
    copied = [pair for pair in pairs if decay == 0 or not pair[0].is_floating_point()]
    for group, update in ((averaged, partial(torch._foreach_lerp_, weight=1 - decay)), (copied, torch._foreach_copy_)):
        if group:
            update([average for average, _ in group], [value for _, value in group])
