"""Curves: keys with last and best values, and points reduced without losing spikes (MET-2, MET-3)."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, CursorResult, Row, func, select
from sqlalchemy.orm import Session

from core.errors import nearest
from server.db.models import SeriesPoint, SeriesSummary
from server.db.shared_stages import points_of
from server.errors import NotFoundError
from server.schemas.page import Page
from server.schemas.series import (
    Point,
    Series,
    SeriesFilter,
    SeriesGroup,
    SeriesGroups,
    SeriesKey,
    SeriesValue,
    SeriesWindow,
)
from server.schemas.values import Number, moment_text
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.runs import runs

SHOWN_GROUPS = 500
"""Maximum number of listed groups; those with the most curves are listed."""
SHOWN_KEYS = 30
"""Maximum number of keys that an error lists."""


def list_keys(
    session: Session, run_id: str, *, chosen: SeriesFilter, cursor: str | None, limit: int
) -> Page[SeriesKey]:
    """Return one page of a run's curves in alphabetical order, from their summaries; raises NotFoundError."""
    runs.require(session, run_id)
    after = decode_cursor("series", cursor, (str,))
    statement = select(SeriesSummary).where(SeriesSummary.run_id == run_id).order_by(SeriesSummary.key)
    if chosen.prefix:
        statement = statement.where(SeriesSummary.key.startswith(chosen.prefix, autoescape=True))
    if chosen.contains:
        statement = statement.where(SeriesSummary.key.icontains(chosen.contains, autoescape=True))
    if after is not None:
        statement = statement.where(SeriesSummary.key > str(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    return Page(
        items=[_summary(row) for row in rows],
        next_cursor=encode_cursor("series", (last.key,)) if last else None,
    )


def list_groups(session: Session, run_id: str) -> SeriesGroups:
    """Return the number of curves in each group, from their keys; raises NotFoundError."""
    runs.require(session, run_id)
    keys = session.scalars(select(SeriesSummary.key).where(SeriesSummary.run_id == run_id))
    counts = Counter(map(group_of, keys))
    shown = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:SHOWN_GROUPS]
    return SeriesGroups(
        items=[SeriesGroup(prefix=prefix, count=count) for prefix, count in sorted(shown)],
        groups=len(counts),
        keys=counts.total(),
    )


def group_of(key: str) -> str:
    """Return the group of a curve: the start of its key, up to and including the first `/`, `.` or `_`."""
    return key[: min((place for place in map(key.find, "/._") if place >= 0), default=len(key)) + 1]


def points(session: Session, run_id: str, key: str, window: SeriesWindow) -> Series:
    """Return the points of a curve; raises NotFoundError when the run has no such key.

    If there are more than `max_points`, the curve is cut into buckets of equally many points. Each bucket keeps its
    smallest and largest values, so that no spike is hidden, and one non-finite value if it has any. The first and
    the last point are kept too.
    """
    conditions = _conditions(session, run_id, key, window)
    count = session.scalar(select(func.count()).select_from(SeriesPoint).where(*conditions)) or 0
    if not count:
        _require_key(session, run_id, key)
    is_cut = 0 < window.max_points < count
    # Use plain rows, not ORM objects, and do not validate each: a curve may have ten thousand points.
    columns = (*_COLUMNS, *_RAW_COLUMNS) if window.raw else _COLUMNS
    result = session.connection().execute(select(*columns).where(*conditions).order_by(*_ORDER))
    rows: Iterable[Sequence[Any]] = _extremes(result, count, window.max_points) if is_cut else result
    shown = [_raw_point(*row) for row in rows] if window.raw else [_point(*row) for row in rows]
    return Series.model_construct(key=key, count=count, downsampled=is_cut, points=shown)


def read_points(session: Session, run_id: str, key: str, window: SeriesWindow) -> npt.NDArray[np.float64]:
    """Return all points of a window, (N, 3): stage index, iteration, value; NaN where the value is not finite."""
    columns = (_TABLE.stage_index, _TABLE.iteration, _TABLE.value)
    statement = select(*columns).where(*_conditions(session, run_id, key, window)).order_by(*_ORDER)
    rows = session.connection().execute(statement).all()
    return np.array([tuple(row) for row in rows], dtype=np.float64).reshape(len(rows), 3)  # None becomes NaN


def kept_positions(values: npt.NDArray[np.float64], max_points: int) -> npt.NDArray[np.intp]:
    """Return the positions of about `max_points` values: the extremes of each bucket, the first and the last.

    All positions if there are not more, or `max_points` is 0.
    """
    count = len(values)
    if not 0 < max_points < count:
        return np.arange(count)
    size = math.ceil(count / max(1, max_points // 2))
    return np.array(sorted(_extreme_positions(values, size) | {0, count - 1}), dtype=np.intp)


_TABLE = SeriesPoint.__table__.c
_COLUMNS = (_TABLE.stage_index, _TABLE.iteration, _TABLE.attempt_number, _TABLE.value, _TABLE.special)
_RAW_COLUMNS = (_TABLE.is_hidden, _TABLE.at)
_ORDER = _COLUMNS[:3]
_VALUE = 3
_ROWS_AT_ONCE = 100_000


def as_csv(series: Series) -> str:
    """Return the points as CSV with one line per point; non-finite values are the same words as in JSON."""
    columns = ["stage_index", "iteration", "attempt", "value"]
    columns += ["is_hidden", "at"] if series.points and "at" in series.points[0] else []
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**point, "at": moment_text(point["at"])} if "at" in point else point for point in series.points)
    return text.getvalue()


def _conditions(session: Session, run_id: str, key: str, window: SeriesWindow) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [points_of(session, run_id), _TABLE.key == key]
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
    """Yield each bucket's rows with the smallest and largest values, and the curve's first and last rows."""
    size = math.ceil(count / max(1, max_points // 2))
    at_once = size * max(1, _ROWS_AT_ONCE // size)
    before = 0
    # Fetching all rows is twice as fast as fetching in parts, which only very long curves need.
    for rows in [result.all()] if count <= at_once else result.partitions(at_once):
        values = np.array([row[_VALUE] for row in rows], dtype=np.float64)  # None becomes NaN
        kept = _extreme_positions(values, size)
        kept |= {0} if before == 0 else set()
        kept |= {len(rows) - 1} if before + len(rows) >= count else set()
        yield from (rows[position] for position in sorted(kept))
        before += len(rows)


def _extreme_positions(values: npt.NDArray[np.float64], size: int) -> set[int]:
    """Return the positions of the smallest, largest and first non-finite value of each bucket of `size` values."""
    buckets = -(-len(values) // size)
    padding = buckets * size - len(values)
    table = np.pad(values, (0, padding), constant_values=np.nan).reshape(buckets, size)
    is_special = np.pad(np.isnan(values), (0, padding)).reshape(buckets, size)
    starts = np.arange(buckets) * size
    has_number = ~np.isnan(table).all(axis=1)
    least = starts + np.where(np.isnan(table), np.inf, table).argmin(axis=1)
    greatest = starts + np.where(np.isnan(table), -np.inf, table).argmax(axis=1)
    special = starts + is_special.argmax(axis=1)
    kept = np.concatenate([least[has_number], greatest[has_number], special[is_special.any(axis=1)]])
    return set(kept.tolist())


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
    if session.get(SeriesSummary, (run_id, key)) is None:
        of_run = select(SeriesSummary.key).where(SeriesSummary.run_id == run_id)
        known = session.scalars(of_run.limit(SHOWN_KEYS + 1)).all()
        raise NotFoundError("series", key, nearest(key, known) if len(known) <= SHOWN_KEYS else "")
