"""Runs: started, listed, shown, cancelled, resumed, archived."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from server.auth.people import user_cause
from server.db.lifecycle import Cause
from server.dependencies import Cursor, DatabaseDep, IfMatch, Limit, ModelsDep, RequestId, RunId, SettingsDep
from server.routes.answers import failures
from server.routes.repeatable import RepeatDep, answered, created
from server.schemas.page import Page
from server.schemas.run_groups import RunGroups, RunGroupsQuery
from server.schemas.run_list import RunChanges, RunChangesQuery, RunChoices, RunListQuery, RunPage
from server.schemas.runs import RunAction, RunCreate, RunDetail, RunPatch
from server.schemas.stages import TransitionEntry
from server.services.datasets.presence_cache import presence_cache_below
from server.services.experiments import experiments
from server.services.experiments.check import check_run
from server.services.idempotency import Answer, carry_out
from server.services.revisions import etag
from server.services.runs import groups, listing, runs

router = APIRouter(prefix="/runs", tags=["runs"])


@router.post(
    "",
    operation_id="create_run",
    status_code=201,
    summary="Store an experiment and run it",
    responses=failures(400, 415, 422),
    response_model=RunDetail,
)
def create_run(
    body: RunCreate,
    database: DatabaseDep,
    settings: SettingsDep,
    models: ModelsDep,
    request_id: RequestId,
    repeat: RepeatDep,
) -> Response:
    """Do in one request what `create_experiment` and `start_runs` do in two."""
    checked = check_run(
        body,
        data_roots=settings.data_roots,
        presence_cache=presence_cache_below(settings.home),
        models=models,
    )
    cause = Cause(user_cause(), request_id=request_id)

    def create(session: Session) -> Answer:
        experiment = experiments.create(session, checked, body)
        run = runs.start(session, experiment, seeds=[body.seed], cause=cause, priority=body.priority)[0]
        return created(run, Location=f"/api/v1/runs/{run.id}")

    return answered(carry_out(database, repeat.of(body), create))


@router.get("", operation_id="list_runs", summary="List runs", responses=failures(422))
def list_runs(database: DatabaseDep, query: Annotated[RunListQuery, Query()]) -> RunPage:
    """Return runs that pass every filter, the newest first unless another order is asked for."""
    with database.read() as session:
        return listing.list_page(session, query)


@router.get("/changes", operation_id="list_run_changes", summary="Changes of a list of runs", responses=failures(422))
def list_run_changes(database: DatabaseDep, query: Annotated[RunChangesQuery, Query()]) -> RunChanges:
    """Return what is new, changed or gone in the list with these filters, so that an open one stays true cheaply."""
    with database.read() as session:
        return listing.changes(session, query, query.after)


@router.get("/choices", operation_id="list_run_choices", summary="Datasets and tags of the runs", responses=failures())
def list_run_choices(database: DatabaseDep) -> RunChoices:
    """Return the values that the list can be narrowed to, at most 200 of each."""
    with database.read() as session:
        return listing.choices(session)


@router.get("/groups", operation_id="list_run_groups", summary="Runs in groups", responses=failures(422))
def list_run_groups(database: DatabaseDep, query: Annotated[RunGroupsQuery, Query()]) -> RunGroups:
    """Return the runs that pass every filter in groups, with the headline score as mean and deviation over those that
    have succeeded."""
    with database.read() as session:
        return groups.grouped(session, query)


@router.get("/{run_id}", operation_id="show_run", summary="Show a run", responses=failures(404))
def show_run(run_id: RunId, database: DatabaseDep, response: Response) -> RunDetail:
    """Return one run with its stages, attempts, derived seeds and deviations."""
    with database.read() as session:
        run = runs.show(session, run_id)
    response.headers["ETag"] = etag(run.revision)
    return run


@router.patch(
    "/{run_id}",
    operation_id="patch_run",
    summary="Archive a run, or change its priority",
    responses=failures(400, 404, 412, 415, 422, 428),
)
def patch_run(
    run_id: RunId, body: RunPatch, database: DatabaseDep, response: Response, if_match: IfMatch = None
) -> RunDetail:
    """Change what the body names; an archived run is left out of lists that do not ask for it."""
    with database.write() as session:
        run = runs.patch(session, run_id, body, if_match=if_match)
    response.headers["ETag"] = etag(run.revision)
    return run


@router.get(
    "/{run_id}/history", operation_id="list_run_history", summary="History of a run", responses=failures(404, 422)
)
def list_run_history(
    run_id: RunId, database: DatabaseDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[TransitionEntry]:
    """Return every change of state of the run, its stages and attempts, oldest first."""
    with database.read() as session:
        return runs.history(session, run_id, cursor=cursor, limit=limit)


@router.post(
    "/{run_id}/cancel",
    operation_id="cancel_run",
    status_code=202,
    summary="Cancel a run",
    responses={
        200: {"model": RunDetail, "description": "Nothing was to be changed"},
        **failures(400, 404, 409, 415, 422),
    },
)
def cancel_run(
    run_id: RunId, database: DatabaseDep, request_id: RequestId, response: Response, body: RunAction | None = None
) -> RunDetail:
    """End a run at once where nobody works on it; else its worker saves a checkpoint and stops."""
    with database.write() as session:
        run, is_changed = runs.cancel(session, run_id, cause=_cause(body, request_id))
    response.status_code = 202 if is_changed else 200
    return run


@router.post(
    "/{run_id}/resume",
    operation_id="resume_run",
    status_code=202,
    summary="Resume a run",
    responses={
        200: {"model": RunDetail, "description": "Nothing was to be changed"},
        **failures(400, 404, 409, 415, 422),
    },
)
def resume_run(
    run_id: RunId, database: DatabaseDep, request_id: RequestId, response: Response, body: RunAction | None = None
) -> RunDetail:
    """Continue a failed, cancelled or paused run from its last checkpoint. One that is about to pause goes on."""
    with database.write() as session:
        run, is_changed = runs.resume(session, run_id, cause=_cause(body, request_id))
    response.status_code = 202 if is_changed else 200
    return run


def _cause(body: RunAction | None, request_id: str) -> Cause:
    return Cause(user_cause(), request_id=request_id, transition_id=body.transition_id if body else None)
