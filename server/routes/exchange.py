"""Answers leave as one archive, and come back as one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, ExchangeTaskId, RequestId, SettingsDep, StageId, ZipBody
from server.routes.answers import failures
from server.schemas.exchange import ExchangeTask, ExchangeTasks, ExportRequest, ExportResult, ImportReport, ImportTerms
from server.services.rounds import exchange_tasks
from server.services.rounds.exchange_process import Bench, Delivery, export_apart, import_apart

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
    return import_apart(Bench(settings, database.url), stage_id, Delivery(archive, terms, cause))


@router.post(
    "/stages/{stage_id}/export-tasks",
    operation_id="begin_export",
    status_code=202,
    summary="Export the answers of a round in the background",
    responses=failures(400, 404, 415, 422),
)
def begin_export(stage_id: StageId, body: ExportRequest, database: DatabaseDep, settings: SettingsDep) -> ExchangeTask:
    """Begin the same export and answer at once; /exchange-tasks/{id} tells how far it is and, then, its artifact."""
    return exchange_tasks.begin_export(database, Bench(settings, database.url), stage_id, body)


@router.post(
    "/stages/{stage_id}/import-tasks",
    operation_id="begin_import",
    status_code=202,
    summary="Import answers to a round in the background",
    responses=failures(400, 404, 415, 422),
    openapi_extra=ZIP_REQUEST,
)
def begin_import(
    stage_id: StageId,
    terms: Annotated[ImportTerms, Query()],
    archive: ZipBody,
    database: DatabaseDep,
    settings: SettingsDep,
    request_id: RequestId,
) -> ExchangeTask:
    """Begin the same import and answer as soon as the archive is here; /exchange-tasks/{id} has the report, then."""
    cause = Cause(f"user:{terms.author}", request_id=request_id)
    bench = Bench(settings, database.url)
    return exchange_tasks.begin_import(database, bench, stage_id, archive, (terms, cause))


@router.get(
    "/exchange-tasks/{task_id}",
    operation_id="show_exchange_task",
    summary="An export or import in the background",
    responses=failures(404),
)
def show_exchange_task(task_id: ExchangeTaskId, database: DatabaseDep) -> ExchangeTask:
    """Return how far it is, and how it ended."""
    with database.read() as session:
        return exchange_tasks.show(session, task_id)


@router.get(
    "/stages/{stage_id}/exchange-tasks",
    operation_id="list_exchange_tasks",
    summary="Exports and imports of a round",
    responses=failures(404),
)
def list_exchange_tasks(stage_id: StageId, database: DatabaseDep) -> ExchangeTasks:
    """Return the last 50, the newest first."""
    with database.read() as session:
        return exchange_tasks.list_recent(session, stage_id)
