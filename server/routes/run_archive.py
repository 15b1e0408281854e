"""Runs: whole, as one archive."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from server.dependencies import DatabaseDep, RunId, StorageDep
from server.routes.answers import failures
from server.routes.content import disposition
from server.schemas.run_archive import ArchiveQuery
from server.services.runs import run_archive

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
