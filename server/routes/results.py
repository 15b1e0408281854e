"""Results of experiments: every score over seeds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from server.dependencies import DatabaseDep, ExperimentKey
from server.routes.answers import failures
from server.routes.exported import TABLES, sheet_response
from server.schemas.experiment_results import ExperimentResults
from server.schemas.sheets import ResultsQuery
from server.services.results.experiment_results import experiment_results
from server.services.results.sheets import SUMMARY, experiment_sheet

router = APIRouter(prefix="/experiments/{experiment_key}", tags=["results"])


@router.get(
    "/results",
    operation_id="show_experiment_results",
    summary="Every score of an experiment over its seeds",
    responses={200: TABLES, **failures(404, 422)},
    response_model=ExperimentResults,
)
def show_experiment_results(
    experiment_key: ExperimentKey, query: Annotated[ResultsQuery, Query()], database: DatabaseDep
) -> ExperimentResults | Response:
    """Return all runs of one resolved configuration, however they were started, with the mean, the deviation and the
    number of runs of every score by class, group and domain after every step, and of what the runs cost. With `format`
    or `table` one table of it comes by itself."""
    with database.read() as session:
        found = experiment_results(session, experiment_key, split=query.split, has_values=query.values)
    if query.format == "json" and query.table is None:
        return found
    return sheet_response(experiment_sheet(found, query), query, f"{found.name}-{query.table or SUMMARY}")
