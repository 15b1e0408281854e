"""Curves of a run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from server.dependencies import Cursor, DatabaseDep, Limit, RunId
from server.routes.answers import failures
from server.schemas.page import Page
from server.schemas.series import Series, SeriesKey, SeriesWindow
from server.services import series

router = APIRouter(prefix="/runs/{run_id}/series", tags=["series"])

SeriesName = Annotated[
    str,
    Path(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", description="Key of the curve; it may hold slashes.", examples=["loss"]),
]


@router.get("", operation_id="list_series", summary="List the curves of a run", responses=failures(404, 422))
def list_series(
    run_id: RunId,
    database: DatabaseDep,
    prefix: Annotated[str, Query(pattern=r"^[^\x00-\x1f\x7f]{0,200}$", description="Only keys that begin so.")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[SeriesKey]:
    """Return the keys with last and best value, from summaries alone."""
    with database.read() as session:
        return series.list_keys(session, run_id, prefix=prefix, cursor=cursor, limit=limit)


@router.get("/{key:path}", operation_id="show_series", summary="Points of a curve", responses=failures(404, 422))
def show_series(
    run_id: RunId,
    key: SeriesName,
    database: DatabaseDep,
    window: Annotated[SeriesWindow, Query()],
) -> Series:
    """Return the points by stage and iteration; where there are too many, spikes are kept and `downsampled` says so."""
    with database.read() as session:
        return series.points(session, run_id, key, window)
