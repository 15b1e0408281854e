"""Last and best values of a run's curves, summed up from their points (MET-4)."""

from __future__ import annotations

import math
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.models import SeriesPoint, SeriesSummary
from server.db.shared_stages import points_of


def direction_of(key: str) -> Literal["min", "max"]:
    """Return which value of a key is best: the lowest for losses, the highest for all others."""
    return "min" if "loss" in key.lower() else "max"


def special_name(value: float) -> str | None:
    """Return the word for a non-finite value in the database and in JSON; None for a finite value."""
    if math.isfinite(value):
        return None
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def summarised(session: Session, run_id: str, key: str) -> list[dict[str, Any]]:
    """Return the summary row of a key from its visible points; an empty list without visible points."""
    visible = (points_of(session, run_id), SeriesPoint.key == key, SeriesPoint.is_hidden.is_(False))
    in_order = (SeriesPoint.stage_index, SeriesPoint.iteration)
    last = session.execute(
        select(SeriesPoint.value, *in_order).where(*visible).order_by(*(column.desc() for column in in_order)).limit(1)
    ).first()
    if last is None:
        return []
    direction = direction_of(key)
    by_value = SeriesPoint.value.asc() if direction == "min" else SeriesPoint.value.desc()
    best = session.execute(
        select(SeriesPoint.value, *in_order)
        .where(*visible, SeriesPoint.value.is_not(None))
        .order_by(by_value, *in_order)
        .limit(1)
    ).first()
    value, stage_index, iteration = best or (None, None, None)
    count = session.scalar(select(func.count()).select_from(SeriesPoint).where(*visible))
    row = {"run_id": run_id, "key": key, "direction": direction, "count": count, "last_value": last[0]}
    row |= {"last_stage_index": last[1], "last_iteration": last[2], "best_value": value}
    return [row | {"best_stage_index": stage_index, "best_iteration": iteration}]


def summarise_shared(session: Session, run_id: str) -> None:
    """Write the summaries of a new branch, from the curves of the stages that it shares."""
    visible = (points_of(session, run_id), SeriesPoint.is_hidden.is_(False))
    keys = session.scalars(select(SeriesPoint.key).where(*visible).distinct()).all()
    session.add_all(SeriesSummary(**row) for key in keys for row in summarised(session, run_id, key))
    session.flush()
