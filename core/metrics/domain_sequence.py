"""Measures of learning and forgetting over a sequence of domains (CoSAM 7.2). Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SequenceSummary:
    """Summary of a table R (T, T) of step × domain; a field is None if there is nothing to average.

    Attributes:
        last: mean of R[T, d].
        average: mean over t of the mean over d <= t of R[t, d].
        ff: forgetting, mean over d < T of R[d, d] − R[T, d].
        ff_max: the same with the best of R[t, d], t >= d, instead of R[d, d].
        learning: mean of R[d, d].
    """

    last: float | None
    average: float | None
    ff: float | None
    ff_max: float | None
    learning: float | None


def summarise_sequence(table: Table) -> SequenceSummary:
    """Return the summary of a square table: row t after step t, column d the d-th domain that was learned.

    NaN entries are undefined and left out of every mean.

    Raises:
        ValueError: if the table is not square.
    """
    steps = len(table)
    if table.shape != (steps, steps):
        raise ValueError(f"a table of {steps} steps needs as many domains, not shape {table.shape}")
    if not steps:
        return SequenceSummary(None, None, None, None, None)
    known = np.where(np.tri(steps, dtype=bool), table, np.nan)
    best = np.fmax.reduce(known, axis=0)
    own = np.diagonal(table)
    return SequenceSummary(
        last=_mean(table[-1]),
        average=_mean([_mean(row) for row in known]),
        ff=_mean((own - table[-1])[:-1]),
        ff_max=_mean((best - table[-1])[:-1]),
        learning=_mean(own),
    )


def lower_median(values: Sequence[float], window: int = 20) -> float:
    """Return the lower median of the last `window` values: the number before the bracket in the published log.

    Raises:
        ValueError: without any value.
    """
    last = sorted(values[-window:])
    if not last:
        raise ValueError("there is no value to take a median of")
    return last[(len(last) - 1) // 2]


def _mean(values: npt.NDArray[np.float64] | Sequence[float | None]) -> float | None:
    found = [value for value in values if value is not None and not np.isnan(value)]
    return float(np.mean(found)) if found else None
