"""Artifacts and their bytes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from server.db.session import Database
from server.dependencies import ArtifactId, Cursor, DatabaseDep, Limit, RunId, StageId, StorageDep
from server.routes.answers import failures
from server.routes.content import file_response
from server.schemas.artifacts import ArtifactDetail, PackedFileEntry
from server.schemas.page import Page
from server.services.runs import artifacts
from server.storage.base import Storage

router = APIRouter(tags=["artifacts"])

BYTES = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
CONTENT_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file", **BYTES},
    206: {"description": "The part that the Range header asks for", **BYTES},
    304: {"description": "The file that the reader has is the stored one"},
    **failures(404, 410, 416),
}


@router.get(
    "/runs/{run_id}/artifacts",
    operation_id="list_run_artifacts",
    summary="Artifacts of a run",
    responses=failures(404, 422),
)
def list_run_artifacts(
    run_id: RunId, database: DatabaseDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[ArtifactDetail]:
    """Return the files that the run's stages left behind, oldest first."""
    with database.read() as session:
        return artifacts.list_of_run(session, run_id, cursor=cursor, limit=limit)


@router.get(
    "/stages/{stage_id}/artifacts",
    operation_id="list_stage_artifacts",
    summary="Artifacts of a stage",
    responses=failures(404, 422),
)
def list_stage_artifacts(
    stage_id: StageId, database: DatabaseDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[ArtifactDetail]:
    """Return the files that the stage left behind, oldest first."""
    with database.read() as session:
        return artifacts.list_of_stage(session, stage_id, cursor=cursor, limit=limit)


@router.get(
    "/artifacts/{artifact_id}", operation_id="show_artifact", summary="Show an artifact", responses=failures(404)
)
def show_artifact(artifact_id: ArtifactId, database: DatabaseDep) -> ArtifactDetail:
    """Return name, kind, size and digest of one artifact."""
    with database.read() as session:
        return ArtifactDetail.model_validate(artifacts.find(session, artifact_id))


@router.get(
    "/artifacts/{artifact_id}/content",
    operation_id="download_artifact",
    summary="Download an artifact",
    response_class=Response,
    responses=CONTENT_ANSWERS,
)
def download_artifact(
    artifact_id: ArtifactId, request: Request, database: DatabaseDep, storage: StorageDep
) -> Response:
    """Return the bytes; one Range is honoured, and the ETag is the SHA-256."""
    return _content(artifact_id, request, database, storage)


@router.head("/artifacts/{artifact_id}/content", include_in_schema=False)
def head_artifact(artifact_id: ArtifactId, request: Request, database: DatabaseDep, storage: StorageDep) -> Response:
    """Return the headers of a download."""
    return _content(artifact_id, request, database, storage)


@router.get(
    "/artifacts/{artifact_id}/files",
    operation_id="list_packed_files",
    summary="Files of a pack",
    responses=failures(404, 410, 422),
)
def list_packed_files(
    artifact_id: ArtifactId, database: DatabaseDep, storage: StorageDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[PackedFileEntry]:
    """Return the files of a ZIP that holds many files of a stage's output, by name."""
    with database.read() as session:
        found = artifacts.find(session, artifact_id)
    return artifacts.list_packed(storage, found, cursor=cursor, limit=limit)


@router.get(
    "/artifacts/{artifact_id}/files/{name:path}",
    operation_id="download_packed_file",
    summary="Download a file of a pack",
    response_class=Response,
    responses=CONTENT_ANSWERS,
)
def download_packed_file(
    artifact_id: ArtifactId,
    name: Annotated[str, Path(max_length=1000, examples=["masks/train_0.png"])],
    request: Request,
    database: DatabaseDep,
    storage: StorageDep,
) -> Response:
    """Return the bytes of one file, as the download of an artifact does."""
    with database.read() as session:
        found = artifacts.find(session, artifact_id)
    return file_response(request, artifacts.packed_file(storage, found, name))


def _content(artifact_id: str, request: Request, database: Database, storage: Storage) -> Response:
    with database.read() as session:
        found = artifacts.find(session, artifact_id)
    file = artifacts.stored_file(storage, found.sha256, size=found.bytes, name=found.name, media_type=found.media_type)
    return file_response(request, file)
