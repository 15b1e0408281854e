"""Store curves: points in bulk, their summaries, and points hidden by a newer attempt (MET-1, MET-2, MET-4)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.db.models import SeriesPoint, SeriesSummary
from server.db.series_summaries import direction_of, special_name, summarised
from worker.upsert import upsert

POINT_KEYS = ("run_id", "key", "stage_index", "iteration", "attempt_number")
SUMMARY_KEYS = ("run_id", "key")


@dataclass(frozen=True)
class Point:
    """One value of a curve that an attempt reports."""

    key: str
    iteration: int
    value: float
    at: datetime


@dataclass(frozen=True)
class Curve:
    """The run, stage and attempt that the points belong to."""

    run_id: str
    stage_index: int
    attempt_number: int


def write_points(session: Session, curve: Curve, points: Sequence[Point]) -> None:
    """Store points and update the summaries of their keys, in the caller's transaction."""
    rows = [
        {
            "run_id": curve.run_id,
            "key": point.key,
            "stage_index": curve.stage_index,
            "iteration": point.iteration,
            "attempt_number": curve.attempt_number,
            "value": point.value if math.isfinite(point.value) else None,
            "special": special_name(point.value),
            "is_hidden": False,
            "at": point.at,
        }
        for point in points
    ]
    upsert(session, SeriesPoint, rows, keys=POINT_KEYS)
    by_key: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        by_key[point.key].append(point)
    known = {
        summary.key: summary
        for summary in session.scalars(
            select(SeriesSummary).where(SeriesSummary.run_id == curve.run_id, SeriesSummary.key.in_(by_key))
        )
    }
    for key, new in by_key.items():
        summary = known.get(key) or _new_summary(session, curve.run_id, key)
        _extend(summary, curve.stage_index, new)


def hide_superseded(session: Session, curve: Curve, resumed_iteration: int) -> None:
    """Hide older attempts' points of the stage after the iteration that the attempt resumes from.

    The summaries of the affected keys are rebuilt from the visible points.
    """
    behind = (
        SeriesPoint.run_id == curve.run_id,
        SeriesPoint.stage_index == curve.stage_index,
        SeriesPoint.attempt_number < curve.attempt_number,
        SeriesPoint.iteration > resumed_iteration,
        SeriesPoint.is_hidden.is_(False),
    )
    keys = list(session.scalars(select(SeriesPoint.key).where(*behind).distinct()))
    if not keys:
        return
    session.execute(
        update(SeriesPoint).where(*behind).values(is_hidden=True).execution_options(synchronize_session=False)
    )
    session.flush()
    session.execute(
        delete(SeriesSummary).where(SeriesSummary.run_id == curve.run_id, SeriesSummary.key.in_(keys)),
        execution_options={"synchronize_session": "fetch"},
    )
    rows = [row for key in keys for row in summarised(session, curve.run_id, key)]
    upsert(session, SeriesSummary, rows, keys=SUMMARY_KEYS)


def _new_summary(session: Session, run_id: str, key: str) -> SeriesSummary:
    summary = SeriesSummary(
        run_id=run_id,
        key=key,
        direction=direction_of(key),
        count=0,
        last_value=None,
        last_stage_index=0,
        last_iteration=0,
        best_value=None,
        best_stage_index=None,
        best_iteration=None,
    )
    session.add(summary)
    return summary


def _extend(summary: SeriesSummary, stage_index: int, points: Iterable[Point]) -> None:
    """Add points that are newer than all points in the summary."""
    for point in points:
        is_finite = math.isfinite(point.value)
        summary.count += 1
        summary.last_value = point.value if is_finite else None
        summary.last_stage_index, summary.last_iteration = stage_index, point.iteration
        if is_finite and _is_better(point.value, summary.best_value, summary.direction):
            summary.best_value, summary.best_stage_index = point.value, stage_index
            summary.best_iteration = point.iteration


def _is_better(value: float, best: float | None, direction: str) -> bool:
    if best is None:
        return True
    return value < best if direction == "min" else value > best
