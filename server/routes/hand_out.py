"""How a round's queries come to people, how far their answers agree, and what happened to a query."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, QueryId, RequestId, StageId, StorageDep
from server.routes.answers import failures
from server.routes.content import PNG
from server.schemas.hand_out import AgreementReport, AuditTrail, HandOut, HandOutChange
from server.services.rounds import agreement, audit, hand_out

router = APIRouter(tags=["queries"])

MAP_ANSWERS: dict[int | str, dict[str, Any]] = {200: {"description": "The map", **PNG}, **failures(404, 410)}


@router.get(
    "/stages/{stage_id}/hand-out", operation_id="show_hand_out", summary="Who answers a round", responses=failures(404)
)
def show_hand_out(stage_id: StageId, database: DatabaseDep) -> HandOut:
    """Return how the queries of a round come to people, what these are told, and what each has done."""
    with database.read() as session:
        return hand_out.show(session, stage_id)


@router.put(
    "/stages/{stage_id}/hand-out",
    operation_id="change_hand_out",
    summary="Say who answers a round, and tell people how",
    responses=failures(400, 404, 409, 415, 422),
)
def change_hand_out(stage_id: StageId, body: HandOutChange, database: DatabaseDep, request_id: RequestId) -> HandOut:
    """Hand out anew what is open; work that has begun stays with whoever does it."""
    cause = Cause(f"user:{body.author}", request_id=request_id)
    with database.write() as session:
        return hand_out.change(session, stage_id, body, cause)


@router.get(
    "/stages/{stage_id}/agreement",
    operation_id="show_round_agreement",
    summary="How far the answers of a round agree",
    responses=failures(404),
)
def show_round_agreement(stage_id: StageId, database: DatabaseDep) -> AgreementReport:
    """Return pixel agreement, IoU a class and kappa of independent answers, over queried pixels, by pair of people."""
    with database.read() as session:
        return agreement.of_round(session, stage_id)


@router.get(
    "/queries/{query_id}/agreement",
    operation_id="show_query_agreement",
    summary="How far the answers to a query agree",
    responses=failures(404),
)
def show_query_agreement(query_id: QueryId, database: DatabaseDep) -> AgreementReport:
    """Return the same of one query, once all of its independent answers are there."""
    with database.read() as session:
        return agreement.of_query(session, query_id)


@router.get(
    "/queries/{query_id}/disagreement",
    operation_id="show_query_disagreement",
    summary="Where the answers to a query differ",
    response_class=Response,
    responses=MAP_ANSWERS,
)
def show_query_disagreement(query_id: QueryId, database: DatabaseDep, storage: StorageDep) -> Response:
    """Return an 8-bit PNG: 0 where all independent answers agree, 255 where each says something else."""
    with database.read() as session:
        data = agreement.disagreement_png(session, storage, query_id)
    return Response(data, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.get(
    "/queries/{query_id}/audit",
    operation_id="show_query_audit",
    summary="What happened to a query",
    responses=failures(404),
)
def show_query_audit(query_id: QueryId, database: DatabaseDep) -> AuditTrail:
    """Return who opened, saved, answered and reviewed it, with versions and pixels, and what was trained on it."""
    with database.read() as session:
        return audit.trail(session, query_id)
