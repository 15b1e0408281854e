"""Rounds of active learning: shown, closed, opened again, handed to the oracle."""

from __future__ import annotations

from fastapi import APIRouter

from server.db.lifecycle import Cause
from server.dependencies import Cursor, DatabaseDep, Limit, RequestId, RunId, SettingsDep, StageId, StorageDep
from server.routes.answers import failures
from server.schemas.page import Page
from server.schemas.queries import By
from server.schemas.rounds import RoundClose, RoundExtension, Rounds, RoundState, WaitingRound
from server.services.rounds import rounds

router = APIRouter(tags=["queries"])


@router.get(
    "/runs/{run_id}/rounds", operation_id="list_rounds", summary="Rounds of a run", responses=failures(404, 422)
)
def list_rounds(run_id: RunId, database: DatabaseDep, settings: SettingsDep) -> Rounds:
    """Return every training with the labels that it saw, and the queries after it; none for other methods."""
    with database.read() as session:
        return rounds.list_rounds(session, run_id, data_home=settings.cache_folder)


@router.get(
    "/label-stages",
    operation_id="list_waiting_rounds",
    summary="Rounds that wait for people",
    responses=failures(422),
)
def list_waiting_rounds(database: DatabaseDep, cursor: Cursor = None, limit: Limit = 50) -> Page[WaitingRound]:
    """Return the rounds of all runs whose queries people are to answer, the longest waiting first."""
    with database.read() as session:
        return rounds.list_waiting(session, cursor=cursor, limit=limit)


@router.post(
    "/stages/{stage_id}/close",
    operation_id="close_round",
    summary="Close a round",
    responses=failures(400, 404, 409, 415, 422),
)
def close_round(
    stage_id: StageId, body: RoundClose, database: DatabaseDep, storage: StorageDep, request_id: RequestId
) -> RoundState:
    """Freeze the answers that are there; what is unanswered returns to the pool, and the next stage begins."""
    return rounds.close(database, storage, stage_id, body, _cause(body, request_id))


@router.post(
    "/stages/{stage_id}/reopen",
    operation_id="reopen_round",
    summary="Open a round again",
    responses=failures(400, 404, 409, 415, 422),
)
def reopen_round(stage_id: StageId, body: By, database: DatabaseDep, request_id: RequestId) -> RoundState:
    """Take answers again, as long as no worker has begun the next stage; a complete round then closes only by hand."""
    with database.write() as session:
        return rounds.reopen(session, stage_id, _cause(body, request_id))


@router.post(
    "/stages/{stage_id}/extend",
    operation_id="extend_round",
    summary="Move the deadline of a round",
    responses=failures(400, 404, 409, 415, 422),
)
def extend_round(stage_id: StageId, body: RoundExtension, database: DatabaseDep, request_id: RequestId) -> RoundState:
    """Let a round that waits for people do so for some hours from now, or without end."""
    with database.write() as session:
        return rounds.extend(session, stage_id, body, _cause(body, request_id))


@router.post(
    "/stages/{stage_id}/oracle",
    operation_id="hand_round_to_oracle",
    summary="Let ground truth answer the rest",
    responses=failures(400, 404, 409, 415, 422),
)
def hand_round_to_oracle(
    stage_id: StageId, body: By, database: DatabaseDep, settings: SettingsDep, request_id: RequestId
) -> RoundState:
    """Replace the people by the oracle; what they have answered stays.

    It is refused, and nothing changes, where images of unanswered queries have no label file.
    """
    return rounds.hand_to_oracle(database, stage_id, _cause(body, request_id), data_home=settings.cache_folder)


def _cause(body: By, request_id: str) -> Cause:
    return Cause(f"user:{body.author}", request_id=request_id)
