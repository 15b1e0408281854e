"""Curves of a run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from server.dependencies import Cursor, DatabaseDep, Limit, RunId
from server.routes.answers import failures
from server.routes.content import disposition
from server.schemas.page import Page
from server.schemas.series import Series, SeriesFilter, SeriesGroups, SeriesKey, SeriesWindow
from server.services.scores import series

router = APIRouter(prefix="/runs/{run_id}", tags=["series"])

SeriesName = Annotated[
    str,
    Path(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", description="Key of the curve; it may hold slashes.", examples=["loss"]),
]
_POINTS = {
    "description": "The points as JSON, or with `format=csv` as a table",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


@router.get("/series", operation_id="list_series", summary="List the curves of a run", responses=failures(404, 422))
def list_series(
    run_id: RunId,
    database: DatabaseDep,
    chosen: Annotated[SeriesFilter, Query()],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[SeriesKey]:
    """Return the keys with last and best value, from summaries alone."""
    with database.read() as session:
        return series.list_keys(session, run_id, chosen=chosen, cursor=cursor, limit=limit)


@router.get(
    "/series-groups",
    operation_id="list_series_groups",
    summary="How the curves of a run are grouped",
    responses=failures(404, 422),
)
def list_series_groups(run_id: RunId, database: DatabaseDep) -> SeriesGroups:
    """Return the beginnings that keys share, each with its number of curves: a way into thousands of them."""
    with database.read() as session:
        return series.list_groups(session, run_id)


@router.get(
    "/series/{key:path}",
    operation_id="show_series",
    summary="Points of a curve",
    response_model=Series,
    responses={200: _POINTS, **failures(404, 422)},
)
def show_series(
    run_id: RunId,
    key: SeriesName,
    database: DatabaseDep,
    window: Annotated[SeriesWindow, Query()],
) -> Series | Response:
    """Return the points by stage and iteration; where there are too many, spikes are kept and `downsampled` says so."""
    with database.read() as session:
        found = series.points(session, run_id, key, window)
    if window.format == "csv":
        headers = {"Content-Disposition": disposition(f"{key}.csv", is_inline=False)}
        return Response(series.as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)
    return found
