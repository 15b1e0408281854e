"""Experiments: checked, stored, listed, and run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from server.auth.people import user_cause
from server.db.lifecycle import Cause
from server.dependencies import Cursor, DatabaseDep, ExperimentId, Limit, ModelsDep, RequestId, SettingsDep
from server.routes.answers import failures
from server.schemas.experiments import (
    ExperimentCreate,
    ExperimentDetail,
    ExperimentSummary,
    ExperimentVerdict,
)
from server.schemas.page import Page
from server.schemas.runs import RunsCreated, RunStart
from server.services.datasets.presence_cache import presence_cache_below
from server.services.experiments import experiments
from server.services.experiments.check import check_document
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
    response: Response,
    dry_run: Annotated[bool, Query(description="Give the full verdict and create nothing.")] = False,
) -> ExperimentDetail | Response:
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
    with database.write() as session:
        detail = experiments.detail(experiments.create(session, checked, body, cloned_from=body.cloned_from))
    response.headers["Location"] = f"/api/v1/experiments/{detail.id}"
    return detail


@router.get("", operation_id="list_experiments", summary="List experiments", responses=failures(422))
def list_experiments(
    database: DatabaseDep,
    method: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,100}$", description="Only of this method.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ExperimentSummary]:
    """Return experiments, newest first."""
    with database.read() as session:
        return experiments.list_page(session, method=method, cursor=cursor, limit=limit)


@router.get("/{experiment_id}", operation_id="show_experiment", summary="Show an experiment", responses=failures(404))
def show_experiment(experiment_id: ExperimentId, database: DatabaseDep, response: Response) -> ExperimentDetail:
    """Return one experiment: as submitted, resolved, and planned."""
    with database.read() as session:
        detail = experiments.detail(experiments.find(session, experiment_id))
    response.headers["ETag"] = etag(detail.revision)
    return detail


@router.post(
    "/{experiment_id}/runs",
    operation_id="start_runs",
    status_code=201,
    summary="Run an experiment with one seed or several",
    responses=failures(400, 404, 415, 422),
)
def start_runs(
    experiment_id: ExperimentId, body: RunStart, database: DatabaseDep, request_id: RequestId
) -> RunsCreated:
    """Make one run for each seed and queue its first stage."""
    cause = Cause(user_cause(), request_id=request_id)
    with database.write() as session:
        experiment = experiments.find(session, experiment_id)
        return RunsCreated(
            items=runs.start(session, experiment, seeds=body.chosen(), cause=cause, priority=body.priority)
        )
