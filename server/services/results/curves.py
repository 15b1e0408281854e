"""Curves as means over seeds, aligned by stage and iteration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.models import SeriesSummary
from server.errors import NotFoundError
from server.schemas.compared_series import CurveKey, CurveKeys, CurveWindow, SeedCurve
from server.schemas.series import SeriesWindow
from server.services.results.members import Member
from server.services.scores.series import kept_positions, read_points

Numbers = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]

_STAGE_SHIFT = 2**40
"""A point's position is its stage index times this, plus its iteration."""


@dataclass(frozen=True)
class _Aligned:
    """The points of some runs: values (R, P) with NaN where a run has no finite one, `is_present` where it has one."""

    positions: Positions
    values: Numbers
    is_present: npt.NDArray[np.bool_]


def curve_keys(session: Session, members: Sequence[Member]) -> CurveKeys:
    """Return the curves of all drawn runs, from their summaries."""
    ids = [one.run.id for member in members for one in member.drawn]
    statement = (
        select(SeriesSummary.key, func.min(SeriesSummary.direction), func.count())
        .where(SeriesSummary.run_id.in_(ids))
        .group_by(SeriesSummary.key)
        .order_by(SeriesSummary.key)
    )
    items = [CurveKey(key=key, direction=direction, runs=runs) for key, direction, runs in session.execute(statement)]
    return CurveKeys(items=items, runs=len(ids))


def seed_curve(session: Session, member: Member, label: str, key: str, window: CurveWindow) -> SeedCurve:
    """Return one curve of a member; without points if no run has it."""
    points = SeriesWindow(
        stage=window.stage, from_iteration=window.from_iteration, to_iteration=window.to_iteration, max_points=0
    )
    read = [(one.run, read_points(session, one.run.id, key, points)) for one in member.drawn]
    known = [(run, found) for run, found in read if len(found)]
    aligned = _aligned([found for _, found in known])
    mean, std, counts = _statistics(aligned.values)
    kept = kept_positions(mean, window.max_points)
    finite = np.isfinite(aligned.values)
    return SeedCurve.model_construct(
        label=label,
        run_ids=[run.id for run, _ in known],
        seeds=[run.seed for run, _ in known],
        count=len(mean),
        downsampled=len(kept) < len(mean),
        stage_index=(aligned.positions[kept] // _STAGE_SHIFT).tolist(),
        iteration=(aligned.positions[kept] % _STAGE_SHIFT).tolist(),
        mean=_json(mean[kept]),
        std=_json(std[kept]),
        n=counts[kept].tolist(),
        not_finite=(aligned.is_present & ~finite).sum(axis=0)[kept].tolist(),
        values=[_json(row[kept]) for row in aligned.values] if window.values else None,
    )


def curve_cells(curves: Sequence[SeedCurve]) -> list[list[object]]:
    """Return the points of curves as rows, a head first; each begins with the label of its curve.

    If the curves have values, there is a row for each run of a point, with its seed. A value that is not finite is
    empty.
    """
    if any(curve.values is not None for curve in curves):
        columns: list[object] = ["curve", "run", "seed", "stage_index", "iteration", "value"]
        return [columns, *(row for curve in curves for row in _rows_of_runs(curve))]
    head: list[object] = ["curve", "runs", "stage_index", "iteration", "mean", "std", "n", "not_finite"]
    return [head, *(row for curve in curves for row in _rows_of_means(curve))]


def _rows_of_means(curve: SeedCurve) -> Iterator[list[object]]:
    columns = (curve.stage_index, curve.iteration, curve.mean, curve.std, curve.n, curve.not_finite)
    for values in zip(*columns, strict=True):
        yield [curve.label, len(curve.run_ids), *("" if value is None else value for value in values)]


def _rows_of_runs(curve: SeedCurve) -> Iterator[list[object]]:
    for run_id, seed, values in zip(curve.run_ids, curve.seeds, curve.values or (), strict=True):
        for place in zip(curve.stage_index, curve.iteration, values, strict=True):
            yield [curve.label, run_id, seed, *("" if value is None else value for value in place)]


def require_curve(session: Session, members: Sequence[Member], key: str) -> None:
    """Raise NotFoundError if no drawn run has the curve."""
    ids = [one.run.id for member in members for one in member.drawn]
    known = select(SeriesSummary.key).where(SeriesSummary.run_id.in_(ids), SeriesSummary.key == key)
    if session.scalar(known.limit(1)) is None:
        raise NotFoundError("series", key)


def _aligned(points: Sequence[Numbers]) -> _Aligned:
    """Align points, each (N, 3) of stage index, iteration and value."""
    at = [of_run[:, 0].astype(np.int64) * _STAGE_SHIFT + of_run[:, 1].astype(np.int64) for of_run in points]
    positions = np.unique(np.concatenate(at)) if at else np.zeros(0, dtype=np.int64)
    values = np.full((len(points), len(positions)), np.nan)
    is_present = np.zeros(values.shape, dtype=bool)
    for row, (of_run, places) in enumerate(zip(points, at, strict=True)):
        columns = np.searchsorted(positions, places)
        values[row, columns], is_present[row, columns] = of_run[:, 2], True
    return _Aligned(positions, values, is_present)


def _statistics(values: Numbers) -> tuple[Numbers, Numbers, npt.NDArray[np.int64]]:
    """Return mean, sample deviation and number of the finite values of each column; NaN where there are too few."""
    finite = np.isfinite(values)
    counts = finite.sum(axis=0)
    known = np.where(finite, values, 0)
    mean = np.divide(known.sum(axis=0), counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    squares = np.where(finite, (known - np.where(counts > 0, mean, 0)) ** 2, 0).sum(axis=0)
    variance = np.divide(squares, counts - 1, out=np.full(counts.shape, np.nan), where=counts > 1)
    return mean, np.sqrt(variance), counts


def _json(values: Numbers) -> list[float | None]:
    return [value if is_finite else None for value, is_finite in zip(values.tolist(), np.isfinite(values), strict=True)]
