"""The annotator's assistant: the model of a round, its files for a query, and masks from clicks."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from core.files import index_png
from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, QueryId, RequestId, SettingsDep, StageId, StorageDep
from server.routes.answers import failures
from server.routes.content import PNG, file_response
from server.schemas.assistant import AssistantChoice, MaskAnswer, MaskQuestion, QueryAssistant, RoundAssistant
from server.services.rounds import assistant

router = APIRouter(tags=["queries"])

FOREGROUND = 255
_FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_FILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", **_FILE},
    206: {"description": "The part that the Range header asks for", **_FILE},
    304: {"description": "The file that the reader has is the stored one"},
    **failures(404, 409, 410, 416, 422),
}
_MASK_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The masks; with `Accept: image/png` the first of them, 255 on the object", **PNG},
    **failures(400, 404, 409, 410, 415, 422),
}
Digest = Annotated[
    str | None, Query(pattern="^[0-9a-f]{64}$", description="Of the file; it only makes the address one of a kind.")
]


@router.get(
    "/stages/{stage_id}/assistant",
    operation_id="show_round_assistant",
    summary="The assistant of a round",
    responses=failures(404),
)
def show_round_assistant(stage_id: StageId, database: DatabaseDep) -> RoundAssistant:
    """Return which model answers clicks in a round, and how many of its images are ready."""
    with database.read() as session:
        return assistant.show_round(session, stage_id)


@router.put(
    "/stages/{stage_id}/assistant",
    operation_id="choose_round_assistant",
    summary="Choose the assistant of a round",
    responses=failures(400, 404, 409, 415, 422),
)
def choose_round_assistant(
    stage_id: StageId, body: AssistantChoice, database: DatabaseDep, settings: SettingsDep, request_id: RequestId
) -> RoundAssistant:
    """Let another model answer clicks; a worker embeds the images of the round, the most wanted first."""
    cause = Cause(f"user:{body.author}", request_id=request_id)
    with database.write() as session:
        return assistant.choose(session, stage_id, body.choice, cause, data_roots=settings.data_roots)


@router.get(
    "/queries/{query_id}/assistant",
    operation_id="show_query_assistant",
    summary="The assistant of a query",
    responses=failures(404),
)
def show_query_assistant(query_id: QueryId, database: DatabaseDep) -> QueryAssistant:
    """Return whether clicks on a query can be answered, by what, and with which files."""
    with database.read() as session:
        return assistant.show_query(session, query_id)


@router.get(
    "/queries/{query_id}/assistant/decoder",
    operation_id="show_query_decoder",
    summary="The decoder of a query",
    response_class=Response,
    responses=_FILE_ANSWERS,
)
def show_query_decoder(
    query_id: QueryId, request: Request, database: DatabaseDep, storage: StorageDep, sha256: Digest = None
) -> Response:
    """Return the ONNX file that answers clicks; queries with the same adapter share it."""
    del sha256
    with database.read() as session:
        file = assistant.decoder_file(storage, *assistant.find_embedded(session, query_id))
    return file_response(request, file)


@router.get(
    "/queries/{query_id}/assistant/features",
    operation_id="show_query_features",
    summary="The features of a query's image",
    response_class=Response,
    responses=_FILE_ANSWERS,
)
def show_query_features(
    query_id: QueryId, request: Request, database: DatabaseDep, storage: StorageDep, sha256: Digest = None
) -> Response:
    """Return what the encoder saw of the image, a safetensors file in half precision."""
    del sha256
    with database.read() as session:
        file = assistant.features_file(storage, *assistant.find_embedded(session, query_id))
    return file_response(request, file)


@router.post(
    "/queries/{query_id}/assistant/masks",
    operation_id="predict_query_masks",
    summary="Masks from clicks",
    response_model=MaskAnswer,
    responses=_MASK_ANSWERS,
)
def predict_query_masks(
    query_id: QueryId,
    body: MaskQuestion,
    database: DatabaseDep,
    storage: StorageDep,
    accept: Annotated[str, Header(max_length=1000, description="image/png for the first mask as a picture.")] = "",
) -> MaskAnswer | Response:
    """Cut out the object that clicks or a box point at, as the annotator's browser does; nothing is stored."""
    with database.read() as session:
        query, found = assistant.find_embedded(session, query_id)
    candidates = assistant.answer(storage, query, found, body)
    if "image/png" in accept:
        mask = candidates[0].mask.astype(np.uint8) * FOREGROUND
        return Response(index_png(mask), media_type="image/png")
    return assistant.in_words(found, candidates)
