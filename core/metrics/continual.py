"""Measures of learning and forgetting, from tables of scores. Free of torch.

A table R has a row for each tested step t, and a column for each j: a class, a group of classes, or a domain. An entry
is NaN if it is undefined or was not measured. Each j comes with the step that taught it; entries before that step
count nowhere here. The step is None if no step teaches j: then j is never learned, so never forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.float64]
Learned = Sequence[int | None]
"""(J,) the step that taught each column; None if no step did."""


@dataclass(frozen=True)
class Retention:
    """Measures of learning and forgetting after each step (MET-7).

    Attributes:
        average: A (T,) mean of R[t, j] over the j learned by then.
        forgetting: F (T,) mean over j learned before t of the best of R[l, j], from j's step to before t, less R[t, j].
        backward_transfer: B (T,) mean over j learned before t of R[t, j] − R[j, j], where R[j, j] is j's own step.
        plasticity: P (T,) mean of R[t, j] over the j that step t taught.
    """

    average: Table
    forgetting: Table
    backward_transfer: Table
    plasticity: Table


def retention(table: Table, steps: Sequence[int], learned: Learned, *, lower_is_better: bool = False) -> Retention:
    """Return the measures of a table; NaN where there is nothing to average.

    If everything is learned in one step, nothing can be forgotten: F and B are NaN.

    Args:
        table: R (T, J).
        steps: (T,) the step of each row, rising.
        learned: the step that taught each column.
        lower_is_better: flip the signs of F and B, so that F > 0 and B < 0 mean forgetting for a count of errors too.
    """
    known = known_part(table, steps, learned)
    sign = -1.0 if lower_is_better else 1.0
    nothing = np.full(len(steps), np.nan)
    is_new = np.array([[step == taught for taught in learned] for step in steps], dtype=bool).reshape(known.shape)
    forgets = can_forget(learned)
    return Retention(
        average=row_means(known),
        forgetting=row_means(drop_from_best(sign * known)) if forgets else nothing,
        backward_transfer=row_means(change_since_learned(sign * known, steps, learned)) if forgets else nothing,
        plasticity=row_means(np.where(is_new, known, np.nan)),
    )


def can_forget(learned: Learned) -> bool:
    """Return whether two columns are learned at different steps."""
    return len({step for step in learned if step is not None}) > 1


def known_part(table: Table, steps: Sequence[int], learned: Learned) -> Table:
    """Return the table (T, J) with NaN where a column was measured before it was learned."""
    is_known = [[taught is not None and step >= taught for taught in learned] for step in steps]
    part: Table = np.where(np.array(is_known, dtype=bool).reshape(table.shape), table, np.nan)
    return part


def drop_from_best(table: Table) -> Table:
    """Return max over earlier rows − this row, (T, J); NaN where there is no earlier or no current value."""
    filled = np.where(np.isnan(table), -np.inf, table)
    best_before = np.vstack([np.full((1, table.shape[1]), -np.inf), np.maximum.accumulate(filled, axis=0)[:-1]])
    drop: Table = np.where(np.isfinite(best_before), best_before, np.nan) - table
    return drop


def drop_from_first(table: Table) -> Table:
    """Return the first value of each column − this row, (T, J); NaN up to and with the first value."""
    is_known = ~np.isnan(table)
    if not table.size:
        return np.full_like(table, np.nan)
    first = table[is_known.argmax(axis=0), np.arange(table.shape[1])]
    is_later = np.cumsum(is_known, axis=0) > 1
    drop: Table = np.where(is_later, first[None, :] - table, np.nan)
    return drop


def change_since_learned(table: Table, steps: Sequence[int], learned: Learned) -> Table:
    """Return R[t, j] − R[j, j] for every j learned before t, (T, J); NaN elsewhere."""
    row_of = {step: row for row, step in enumerate(steps)}
    change = np.full_like(table, np.nan)
    for column, taught in enumerate(learned):
        if taught in row_of:
            own = row_of[taught]
            change[own + 1 :, column] = table[own + 1 :, column] - table[own, column]
    return change


def row_means(table: Table) -> Table:
    """Return the mean of the defined entries of each row, (T,); NaN for a row without any."""
    is_known = ~np.isnan(table)
    counts = is_known.sum(axis=1)
    sums = np.where(is_known, table, 0).sum(axis=1)
    means: Table = np.divide(sums, counts, out=np.full(len(table), np.nan), where=counts > 0)
    return means
