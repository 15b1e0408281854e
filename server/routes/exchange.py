"""Answers leave as one archive, and come back as one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, RequestId, SettingsDep, StageId, ZipBody
from server.routes.answers import failures
from server.schemas.exchange import ExportRequest, ExportResult, ImportReport, ImportTerms
from server.services.rounds.exchange_process import Bench, export_apart, import_apart

router = APIRouter(tags=["queries"])

ZIP_REQUEST: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/stages/{stage_id}/exports",
    operation_id="export_answers",
    status_code=201,
    summary="Export the answers of a round",
    responses=failures(400, 404, 409, 410, 415, 422),
)
def export_round(stage_id: StageId, body: ExportRequest, database: DatabaseDep, settings: SettingsDep) -> ExportResult:
    """Pack the answers as index PNGs, COCO, a Cityscapes tree or JSON, with a manifest, into an artifact of the stage.

    The same answers give the same archive. Its bytes are at /artifacts/{id}/content; a download can be resumed.
    """
    return export_apart(Bench(settings, database.url), stage_id, body)


@router.post(
    "/stages/{stage_id}/imports",
    operation_id="import_answers",
    summary="Import answers to a round",
    responses=failures(400, 404, 409, 410, 415, 422),
    openapi_extra=ZIP_REQUEST,
)
def import_round(
    stage_id: StageId,
    terms: Annotated[ImportTerms, Query()],
    archive: ZipBody,
    database: DatabaseDep,
    settings: SettingsDep,
    request_id: RequestId,
) -> ImportReport:
    """Take a ZIP of labels; each file that can be taken becomes an answer, and the report says why others do not.

    A `dry_run` says the same and stores nothing. The last answer that the round waits for closes it.
    """
    cause = Cause(f"user:{terms.author}", request_id=request_id)
    return import_apart(Bench(settings, database.url), stage_id, archive, terms, cause)
