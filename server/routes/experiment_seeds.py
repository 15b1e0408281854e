"""Seeds that are added to an experiment."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from server.auth.people import user_cause
from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, ExperimentKey, RequestId
from server.routes.answers import failures
from server.routes.repeatable import RepeatDep, answered, created
from server.schemas.runs import RunsCreated, SeedsAdd
from server.services.experiments import seeds
from server.services.idempotency import carry_out

router = APIRouter(prefix="/experiments", tags=["experiments"])


@router.post(
    "/{experiment_key}/seeds",
    operation_id="add_seeds",
    status_code=201,
    summary="Add seeds to an experiment",
    responses=failures(400, 404, 415, 422),
    response_model=RunsCreated,
)
def add_seeds(
    experiment_key: ExperimentKey, body: SeedsAdd, database: DatabaseDep, request_id: RequestId, repeat: RepeatDep
) -> Response:
    """Start one run for each new seed. A seed that has a run which did not fail is refused, whatever definition of the
    experiment it belongs to."""
    cause = Cause(user_cause(), request_id=request_id)
    return answered(
        carry_out(
            database,
            repeat.of(body),
            lambda session: created(seeds.add_seeds(session, experiment_key, body, cause=cause)),
        )
    )
