"""Evaluations, and the step x class table."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.dependencies import Cursor, DatabaseDep, EvaluationId, Limit, RunId
from server.routes.answers import failures
from server.schemas.page import Page
from server.schemas.scores import Evaluation, StepTable
from server.services.scores import scores, step_table

router = APIRouter(tags=["scores"])


@router.get(
    "/runs/{run_id}/scores", operation_id="list_scores", summary="Evaluations of a run", responses=failures(404, 422)
)
def list_scores(
    run_id: RunId,
    database: DatabaseDep,
    confusion: Annotated[bool, Query(description="Add the confusion matrices.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Evaluation]:
    """Return every evaluation with its numbers, in the order of steps."""
    with database.read() as session:
        return scores.list_page(session, run_id, has_confusion=confusion, cursor=cursor, limit=limit)


@router.get(
    "/evaluations/{evaluation_id}",
    operation_id="show_evaluation",
    summary="Show an evaluation",
    responses=failures(404),
)
def show_evaluation(evaluation_id: EvaluationId, database: DatabaseDep) -> Evaluation:
    """Return one evaluation with its confusion matrix."""
    with database.read() as session:
        return scores.show(session, evaluation_id)


@router.get(
    "/runs/{run_id}/step-table",
    operation_id="show_step_table",
    summary="What was learned and forgotten, step by step",
    responses=failures(404, 422),
)
def show_step_table(
    run_id: RunId,
    database: DatabaseDep,
    split: Annotated[
        str | None,
        Query(pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="Evaluations of this split; default the first's."),
    ] = None,
) -> StepTable:
    """Return IoU and its drop for each step and class, with old, new and overall mIoU, from the confusion matrices."""
    with database.read() as session:
        return step_table.step_table(session, run_id, split)
