"""Stages and the log of their attempts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.dependencies import DatabaseDep, StageId
from server.errors import InvalidRequestError
from server.routes.answers import failures
from server.schemas.logs import LogPage
from server.schemas.stages import StageDetail
from server.schemas.values import MAX_SAFE_INTEGER
from server.services import logs, stages

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
def list_log_lines(
    stage_id: StageId,
    database: DatabaseDep,
    attempt: AttemptNumber = None,
    tail: Annotated[int | None, Query(ge=1, le=5000, description="The last lines; default 200.")] = None,
    after: Annotated[
        int | None,
        Query(ge=0, le=MAX_SAFE_INTEGER, description="The lines that follow this number, instead of the last."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=5000, description="Most lines after `after`.")] = 1000,
) -> LogPage:
    """Return what an attempt printed and logged."""
    if tail is not None and after is not None:
        raise InvalidRequestError.of_query("after", "give either `tail` or `after`")
    with database.read() as session:
        return logs.page(
            session, stage_id, attempt=attempt, after=after, limit=limit if after is not None else tail or 200
        )
