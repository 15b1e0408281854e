"""Runs: held until they are resumed."""

from __future__ import annotations

from fastapi import APIRouter, Response

from server.auth.people import user_cause
from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, RequestId, RunId
from server.routes.answers import failures
from server.schemas.runs import RunAction, RunDetail
from server.services.runs import runs

router = APIRouter(prefix="/runs", tags=["runs"])


@router.post(
    "/{run_id}/pause",
    operation_id="pause_run",
    status_code=202,
    summary="Pause a run",
    responses={
        200: {"model": RunDetail, "description": "Nothing was to be changed"},
        **failures(400, 404, 409, 415, 422),
    },
)
def pause_run(
    run_id: RunId, database: DatabaseDep, request_id: RequestId, response: Response, body: RunAction | None = None
) -> RunDetail:
    """Hold a run until it is resumed: at once if nobody works on it; else its worker stops at the next checkpoint."""
    cause = Cause(user_cause(), request_id=request_id, transition_id=body.transition_id if body else None)
    with database.write() as session:
        run, is_changed = runs.pause(session, run_id, cause=cause)
    response.status_code = 202 if is_changed else 200
    return run
