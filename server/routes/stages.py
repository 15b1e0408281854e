"""Stages and the log of their attempts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse, StreamingResponse

from server.dependencies import DatabaseDep, StageId
from server.routes.answers import failures
from server.routes.content import disposition
from server.schemas.logs import LogPage, LogWindow
from server.schemas.stages import StageDetail
from server.services.runs import logs, stages

router = APIRouter(prefix="/stages", tags=["stages"])

AttemptNumber = Annotated[
    int | None, Query(ge=1, le=1_000_000, description="Number of the attempt; default the latest.")
]


@router.get("/{stage_id}", operation_id="show_stage", summary="Show a stage", responses=failures(404))
def show_stage(stage_id: StageId, database: DatabaseDep) -> StageDetail:
    """Return one stage with its attempts, inputs, outputs and history."""
    with database.read() as session:
        return stages.show(session, stage_id)


@router.get("/{stage_id}/log", operation_id="list_log_lines", summary="Log of a stage", responses=failures(404, 422))
def list_log_lines(stage_id: StageId, database: DatabaseDep, window: Annotated[LogWindow, Query()]) -> LogPage:
    """Return what an attempt printed and logged: the last lines, a part, or those that match."""
    with database.read() as session:
        return logs.page(session, stage_id, window)


@router.get(
    "/{stage_id}/log/text",
    operation_id="download_log",
    summary="Log of a stage as text",
    response_class=PlainTextResponse,
    responses=failures(404, 422),
)
def download_log(stage_id: StageId, database: DatabaseDep, attempt: AttemptNumber = None) -> StreamingResponse:
    """Return the whole log of an attempt, to be stored."""
    with database.read() as session:
        log = logs.whole(session, stage_id, attempt)
    headers = {"Content-Disposition": disposition(log.file_name, is_inline=False)}
    lines = logs.text_of(database, log)
    return StreamingResponse(lines, media_type="text/plain; charset=utf-8", headers=headers)
