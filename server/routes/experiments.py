"""Experiments: checked, stored, listed, and run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from server.auth.people import user_cause
from server.db.lifecycle import Cause
from server.dependencies import (
    Cursor,
    DatabaseDep,
    ExperimentId,
    ExperimentKey,
    Limit,
    ModelsDep,
    RequestId,
    SettingsDep,
)
from server.routes.answers import failures
from server.routes.repeatable import RepeatDep, answered, created
from server.schemas.experiments import (
    ExperimentCreate,
    ExperimentDetail,
    ExperimentSummary,
    ExperimentVerdict,
)
from server.schemas.page import Page
from server.schemas.runs import RunsCreated, RunStart
from server.services.datasets.presence_cache import presence_cache_below
from server.services.experiments import experiments, listing
from server.services.experiments.check import check_document
from server.services.experiments.seeds import definition_of
from server.services.idempotency import Answer, carry_out
from server.services.revisions import etag
from server.services.runs import runs

router = APIRouter(prefix="/experiments", tags=["experiments"])


@router.post(
    "",
    operation_id="create_experiment",
    status_code=201,
    summary="Check an experiment, and store it",
    responses={200: {"model": ExperimentVerdict, "description": "Answer to a dry run"}, **failures(400, 415, 422)},
    response_model=ExperimentDetail,
)
def create_experiment(
    body: ExperimentCreate,
    database: DatabaseDep,
    settings: SettingsDep,
    models: ModelsDep,
    repeat: RepeatDep,
    dry_run: Annotated[bool, Query(description="Give the full verdict and create nothing.")] = False,
) -> Response:
    """Fill in preset and defaults, check the document as a whole, plan its stages, and store all that for good."""
    checked = check_document(
        body.document,
        data_roots=settings.data_roots,
        presence_cache=presence_cache_below(settings.home),
        models=models,
    )
    if dry_run:
        with database.read() as session:
            answer = experiments.dry_run(session, checked)
        return Response(answer.model_dump_json(), media_type="application/json")

    def create(session: Session) -> Answer:
        detail = experiments.detail(experiments.create(session, checked, body, cloned_from=body.cloned_from))
        return created(detail, Location=f"/api/v1/experiments/{detail.id}")

    return answered(carry_out(database, repeat.of(body), create))


@router.get("", operation_id="list_experiments", summary="List experiments", responses=failures(422))
def list_experiments(
    database: DatabaseDep,
    method: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,100}$", description="Only of this method.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ExperimentSummary]:
    """Return experiments, newest first. Definitions that resolve to one configuration are one line, with all their
    runs."""
    with database.read() as session:
        return listing.list_page(session, method=method, cursor=cursor, limit=limit)


@router.get("/{experiment_id}", operation_id="show_experiment", summary="Show an experiment", responses=failures(404))
def show_experiment(experiment_id: ExperimentKey, database: DatabaseDep, response: Response) -> ExperimentDetail:
    """Return a definition as submitted, resolved and planned; of a digest the newest."""
    with database.read() as session:
        detail = experiments.detail(definition_of(session, experiment_id))
    response.headers["ETag"] = etag(detail.revision)
    return detail


@router.post(
    "/{experiment_id}/runs",
    operation_id="start_runs",
    status_code=201,
    summary="Run an experiment with one seed or several",
    responses=failures(400, 404, 415, 422),
    response_model=RunsCreated,
)
def start_runs(
    experiment_id: ExperimentId, body: RunStart, database: DatabaseDep, request_id: RequestId, repeat: RepeatDep
) -> Response:
    """Make one run for each seed and queue its first stage."""
    cause = Cause(user_cause(), request_id=request_id)

    def start(session: Session) -> Answer:
        experiment = experiments.find(session, experiment_id)
        started = runs.start(session, experiment, seeds=body.chosen(), cause=cause, priority=body.priority)
        return created(RunsCreated(items=started))

    return answered(carry_out(database, repeat.of(body), start))
