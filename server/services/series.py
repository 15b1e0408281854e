"""Curves: keys with last and best value, and points with spikes kept (MET-2, MET-3)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np
from sqlalchemy import ColumnElement, CursorResult, Row, func, select
from sqlalchemy.orm import Session

from core.errors import nearest
from server.db.models import SeriesPoint, SeriesSummary
from server.errors import NotFoundError
from server.schemas.page import Page
from server.schemas.series import Point, Series, SeriesKey, SeriesValue, SeriesWindow
from server.schemas.values import Number
from server.services import runs
from server.services.paging import decode_cursor, encode_cursor, split_page

SHOWN_KEYS = 30
"""Most keys that an error lists."""


def list_keys(session: Session, run_id: str, *, prefix: str, cursor: str | None, limit: int) -> Page[SeriesKey]:
    """Return one page of a run's curves in alphabetical order, from their summaries alone; raises NotFoundError."""
    runs.require(session, run_id)
    after = decode_cursor("series", cursor, (str,))
    statement = select(SeriesSummary).where(SeriesSummary.run_id == run_id).order_by(SeriesSummary.key)
    if prefix:
        statement = statement.where(SeriesSummary.key.startswith(prefix, autoescape=True))
    if after is not None:
        statement = statement.where(SeriesSummary.key > str(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    return Page(
        items=[_summary(row) for row in rows],
        next_cursor=encode_cursor("series", (last.key,)) if last else None,
    )


def points(session: Session, run_id: str, key: str, window: SeriesWindow) -> Series:
    """Return the points of a curve; raises NotFoundError when the run has no such key.

    Where there are more than `max_points`, the curve is cut into buckets of equally many points, and of each bucket the
    least and the greatest value stay, so that a spike is never hidden; so do the first and the last point.
    """
    conditions = _conditions(run_id, key, window)
    count = session.scalar(select(func.count()).select_from(SeriesPoint).where(*conditions)) or 0
    if not count:
        _require_key(session, run_id, key)
    is_cut = 0 < window.max_points < count
    # Plain rows, not ORM ones, and no check of each: a curve may have ten thousand points.
    columns = (*_COLUMNS, *_RAW_COLUMNS) if window.raw else _COLUMNS
    result = session.connection().execute(select(*columns).where(*conditions).order_by(*_ORDER))
    rows: Iterable[Sequence[Any]] = _extremes(result, count, window.max_points) if is_cut else result
    shown = [_raw_point(*row) for row in rows] if window.raw else [_point(*row) for row in rows]
    return Series.model_construct(key=key, count=count, downsampled=is_cut, points=shown)


_TABLE = SeriesPoint.__table__.c
_COLUMNS = (_TABLE.stage_index, _TABLE.iteration, _TABLE.attempt_number, _TABLE.value, _TABLE.special)
_RAW_COLUMNS = (_TABLE.is_hidden, _TABLE.at)
_ORDER = _COLUMNS[:3]
_VALUE = 3
_ROWS_AT_ONCE = 100_000


def _conditions(run_id: str, key: str, window: SeriesWindow) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_TABLE.run_id == run_id, _TABLE.key == key]
    if window.stage is not None:
        conditions.append(_TABLE.stage_index == window.stage)
    if window.from_iteration is not None:
        conditions.append(_TABLE.iteration >= window.from_iteration)
    if window.to_iteration is not None:
        conditions.append(_TABLE.iteration <= window.to_iteration)
    if not window.raw:
        conditions.append(_TABLE.is_hidden.is_(False))
    return conditions


def _extremes(result: CursorResult[Any], count: int, max_points: int) -> Iterator[Row[Any]]:
    """Yield of each bucket the rows with the least and the greatest value, and the first and last row of all.

    A value that is not a number counts as the greatest, so that it stays.
    """
    size = math.ceil(count / max(1, max_points // 2))
    at_once = size * max(1, _ROWS_AT_ONCE // size)
    before = 0
    # Fetching everything is twice as fast as fetching in parts, which only very long curves need.
    for rows in [result.all()] if count <= at_once else result.partitions(at_once):
        values = np.array([row[_VALUE] for row in rows], dtype=np.float64)  # None becomes NaN
        values[np.isnan(values)] = np.inf
        kept = {0} if before == 0 else set()
        kept |= {len(rows) - 1} if before + len(rows) >= count else set()
        for start in range(0, len(rows), size):
            bucket = values[start : start + size]
            kept |= {start + int(bucket.argmin()), start + int(bucket.argmax())}
        yield from (rows[position] for position in sorted(kept))
        before += len(rows)


def _point(stage_index: int, iteration: int, attempt: int, value: float | None, special: str | None) -> Point:
    shown = special if value is None else value
    return {"stage_index": stage_index, "iteration": iteration, "attempt": attempt, "value": cast(Number, shown)}


def _raw_point(*columns: Any) -> Point:
    *measured, is_hidden, at = columns
    return {**_point(*measured), "is_hidden": is_hidden, "at": at}


def _summary(row: SeriesSummary) -> SeriesKey:
    last = SeriesValue(value=row.last_value, stage_index=row.last_stage_index, iteration=row.last_iteration)
    best = None
    if row.best_stage_index is not None and row.best_iteration is not None:
        best = SeriesValue(value=row.best_value, stage_index=row.best_stage_index, iteration=row.best_iteration)
    return SeriesKey(key=row.key, direction=row.direction, count=row.count, last=last, best=best)


def _require_key(session: Session, run_id: str, key: str) -> None:
    runs.require(session, run_id)
    known = session.scalars(select(SeriesSummary.key).where(SeriesSummary.run_id == run_id).limit(1000)).all()
    if key not in known:
        raise NotFoundError("series", key, nearest(key, known) if len(known) <= SHOWN_KEYS else "")
