"""Curves over seeds, and of several members."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from server.dependencies import DatabaseDep, ExperimentKey
from server.routes.answers import failures
from server.routes.exported import TABLES, csv_response
from server.routes.series import SeriesName
from server.schemas.compared_series import ComparedCurves, ComparedCurvesQuery, CurveKeys, CurveWindow, SeedCurve
from server.schemas.comparison import MembersQuery
from server.services.results.compared import find_members
from server.services.results.curves import curve_cells, curve_keys, require_curve, seed_curve
from server.services.results.members import experiment_member

router = APIRouter(tags=["results"])


@router.get(
    "/compare/series",
    operation_id="list_compared_series",
    summary="Curves of the compared runs",
    responses=failures(404, 422),
)
def list_compared_series(query: Annotated[MembersQuery, Query()], database: DatabaseDep) -> CurveKeys:
    """Return the keys of all curves, from summaries alone, with the number of runs that have each."""
    with database.read() as session:
        return curve_keys(session, find_members(session, query).members)


@router.get(
    "/compare/series/{key:path}",
    operation_id="show_compared_series",
    summary="One curve of every member",
    responses={200: TABLES, **failures(404, 422)},
    response_model=ComparedCurves,
)
def show_compared_series(
    key: SeriesName, query: Annotated[ComparedCurvesQuery, Query()], database: DatabaseDep
) -> ComparedCurves | Response:
    """Return a curve of each member: of a run its values, of an experiment the mean and deviation over its runs,
    aligned by stage and iteration. As CSV each line is a point with the label of its curve."""
    with database.read() as session:
        compared = find_members(session, query)
        require_curve(session, compared.members, key)
        pairs = zip(compared.members, compared.labels, strict=True)
        curves = [seed_curve(session, member, label, key, query) for member, label in pairs]
    if query.format == "csv":
        return csv_response(curve_cells(curves), key)
    return ComparedCurves.model_construct(key=key, members=curves)


@router.get(
    "/experiments/{experiment_key}/series",
    operation_id="list_experiment_series",
    summary="Curves of an experiment's runs",
    responses=failures(404, 422),
)
def list_experiment_series(experiment_key: ExperimentKey, database: DatabaseDep) -> CurveKeys:
    """Return the keys of all curves, from summaries alone, with the number of runs that have each."""
    with database.read() as session:
        return curve_keys(session, [experiment_member(session, experiment_key)])


@router.get(
    "/experiments/{experiment_key}/series/{key:path}",
    operation_id="show_experiment_series",
    summary="One curve as mean over seeds",
    responses={200: TABLES, **failures(404, 422)},
    response_model=SeedCurve,
)
def show_experiment_series(
    experiment_key: ExperimentKey,
    key: SeriesName,
    window: Annotated[CurveWindow, Query()],
    database: DatabaseDep,
) -> SeedCurve | Response:
    """Return a curve as mean and deviation over one run of each seed, aligned by stage and iteration; with `values`
    each run's own."""
    with database.read() as session:
        member = experiment_member(session, experiment_key)
        require_curve(session, [member], key)
        found = seed_curve(session, member, member.definition.name, key, window)
    return csv_response(curve_cells([found]), key) if window.format == "csv" else found
