"""Results of experiments: every score over seeds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.dependencies import DatabaseDep, ExperimentKey
from server.routes.answers import failures
from server.schemas.results import ExperimentResults
from server.services.results.experiment_results import experiment_results

router = APIRouter(prefix="/experiments/{experiment_key}", tags=["results"])

Split = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="Evaluations of this split; default each run's first."),
]
Values = Annotated[bool, Query(description="List the value of each run beside every mean.")]


@router.get(
    "/results",
    operation_id="show_experiment_results",
    summary="Every score of an experiment over its seeds",
    responses=failures(404, 422),
)
def show_experiment_results(
    experiment_key: ExperimentKey, database: DatabaseDep, split: Split = None, values: Values = False
) -> ExperimentResults:
    """Return all runs of one resolved configuration, however they were started, with the mean, the deviation and the
    number of runs of every score by class, group and domain after every step, and of what the runs cost."""
    with database.read() as session:
        return experiment_results(session, experiment_key, split=split, has_values=values)
