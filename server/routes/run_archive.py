"""Runs: whole, as one archive that another service takes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.responses import StreamingResponse

from server.auth.people import user_cause
from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, RequestId, RunId, StorageDep, ZipBody
from server.routes.answers import failures
from server.routes.content import disposition
from server.routes.exchange import ZIP_REQUEST
from server.schemas.run_archive import ArchiveQuery
from server.schemas.runs import RunDetail
from server.services.runs import run_archive, run_import, runs

router = APIRouter(prefix="/runs", tags=["runs"])

ZIP: dict[str, Any] = {
    "description": "The archive",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}


@router.get(
    "/{run_id}/archive",
    operation_id="download_run",
    summary="A whole run as one archive",
    response_class=Response,
    responses={200: ZIP, **failures(404, 422)},
)
def download_run(
    run_id: RunId, query: Annotated[ArchiveQuery, Query()], database: DatabaseDep, storage: StorageDep
) -> StreamingResponse:
    """Return a ZIP of document, resolved config, history, scores with confusion matrices, curves, logs and artifacts.

    `manifest.json`, its last file, lists all others with their digests, and the artifacts that are missing.
    """
    with database.read() as session:
        archive = run_archive.open_archive(session, storage, run_id, query)
    headers = {"Content-Disposition": disposition(archive.file_name, is_inline=False)}
    parts = run_archive.stream(database, storage, archive)
    return StreamingResponse(parts, media_type="application/zip", headers=headers)


@router.post(
    "/imports",
    operation_id="import_run",
    status_code=201,
    summary="Import a run",
    responses={
        200: {"model": RunDetail, "description": "The run is here already"},
        **failures(400, 415, 422),
    },
    openapi_extra=ZIP_REQUEST,
)
def import_run(
    archive: ZipBody, database: DatabaseDep, storage: StorageDep, request_id: RequestId, response: Response
) -> RunDetail:
    """Store a run that has succeeded from its archive, under a new id, beside the run that it branched from."""
    cause = Cause(user_cause(), request_id=request_id)
    run_id, is_new = run_import.import_archive(database, storage, archive, cause=cause)
    response.status_code = 201 if is_new else 200
    with database.read() as session:
        return runs.show(session, run_id)
