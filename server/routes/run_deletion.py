"""Runs: deleted, and taken back."""

from __future__ import annotations

from fastapi import APIRouter

from server.dependencies import DatabaseDep, IfMatch, RunId
from server.routes.answers import failures
from server.schemas.runs import RunDetail
from server.services.runs import runs

router = APIRouter(prefix="/runs", tags=["runs"])


@router.delete(
    "/{run_id}",
    operation_id="delete_run",
    status_code=204,
    summary="Delete a run",
    responses=failures(404, 409, 412, 422, 428),
)
def delete_run(run_id: RunId, database: DatabaseDep, if_match: IfMatch = None) -> None:
    """Put a run that has ended into the bin: no address finds it any more, until it is restored."""
    with database.write() as session:
        runs.delete(session, run_id, if_match=if_match)


@router.post("/{run_id}/restore", operation_id="restore_run", summary="Restore a run", responses=failures(404))
def restore_run(run_id: RunId, database: DatabaseDep) -> RunDetail:
    """Take a deleted run out of the bin; one that was not deleted stays as it is."""
    with database.write() as session:
        return runs.restore(session, run_id)
