"""Evaluations, and the step x class table."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from server.dependencies import Cursor, DatabaseDep, EvaluationId, Limit, RunId, StorageDep
from server.routes.answers import failures
from server.routes.content import disposition, etag_matches
from server.routes.exported import TABLES, sheet_response
from server.schemas.page import Page
from server.schemas.scores import Evaluation, StepTable
from server.schemas.sheets import StepTableQuery
from server.services.results.aggregated import score_tables
from server.services.results.compared import labels_of
from server.services.results.members import run_member
from server.services.results.sheets import run_sheet
from server.services.scores import records, scores, step_table

router = APIRouter(tags=["scores"])


@router.get(
    "/runs/{run_id}/scores", operation_id="list_scores", summary="Evaluations of a run", responses=failures(404, 422)
)
def list_scores(
    run_id: RunId,
    database: DatabaseDep,
    storage: StorageDep,
    confusion: Annotated[bool, Query(description="Add the confusion matrices.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Evaluation]:
    """Return every evaluation with its numbers, in the order of steps."""
    with database.read() as session:
        return scores.list_page(session, storage, run_id, has_confusion=confusion, cursor=cursor, limit=limit)


@router.get(
    "/evaluations/{evaluation_id}",
    operation_id="show_evaluation",
    summary="Show an evaluation",
    responses=failures(404, 410),
)
def show_evaluation(evaluation_id: EvaluationId, database: DatabaseDep, storage: StorageDep) -> Evaluation:
    """Return one evaluation, with its confusion matrix where it has one."""
    with database.read() as session:
        return scores.show(session, storage, evaluation_id)


@router.get(
    "/evaluations/{evaluation_id}/records/{kind}",
    operation_id="show_evaluation_record",
    summary="A file of an evaluation",
    response_class=Response,
    responses={200: {"description": "Its bytes"}, 304: {"description": "The reader has them"}, **failures(404, 410)},
)
def show_evaluation_record(
    evaluation_id: EvaluationId,
    kind: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$", description="Kind of the record.")],
    request: Request,
    database: DatabaseDep,
    storage: StorageDep,
) -> Response:
    """Return the bytes of a record, such as the confusion matrix as JSON; the ETag is the SHA-256."""
    with database.read() as session:
        found = records.content(session, storage, evaluation_id, kind)
    headers = {"ETag": f'"{found.sha256}"', "Content-Disposition": disposition(found.name, is_inline=False)}
    if etag_matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(found.data, headers=headers, media_type=found.media_type)


@router.get(
    "/runs/{run_id}/step-table",
    operation_id="show_step_table",
    summary="What was learned and forgotten, step by step",
    responses={200: TABLES, **failures(404, 422)},
    response_model=StepTable,
)
def show_step_table(
    run_id: RunId, query: Annotated[StepTableQuery, Query()], database: DatabaseDep
) -> StepTable | Response:
    """Return the score of each class after each step, its drop, means of old, new and all classes, and R by group and
    by domain with what was kept and forgotten. With `format` or `table` one table of it comes by itself."""
    with database.read() as session:
        if query.format == "json" and query.table is None:
            return step_table.step_table(session, run_id, query.split, query.domain)
        member = run_member(session, run_id, query.split)
        (label,) = labels_of([member])
        tables = [table for table in score_tables(member) if query.domain in {None, table.domain}]
    return sheet_response(run_sheet(tables, query, label), query, f"{label}-{query.table or 'scores'}")
