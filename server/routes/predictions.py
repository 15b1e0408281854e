"""Prediction panels: test images through the model of every step."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from core.engine.panel_objects import PanelObjects
from server.dependencies import Cursor, DatabaseDep, Limit, PredictionId, RunId, StorageDep
from server.routes.answers import failures
from server.routes.content import PICTURE_ANSWERS, file_response, picture_response
from server.schemas.predictions import PredictionPage
from server.services import predictions
from server.services.runs.artifacts import stored_file

router = APIRouter(tags=["predictions"])
ANSWERS: dict[int | str, dict[str, Any]] = PICTURE_ANSWERS | {200: PICTURE_ANSWERS[200] | {"model": PanelObjects}}


@router.get(
    "/runs/{run_id}/predictions",
    operation_id="list_predictions",
    summary="Panel images and what every step made of them",
    responses=failures(404, 422),
)
def list_predictions(
    run_id: RunId,
    database: DatabaseDep,
    domain: Annotated[
        str | None,
        Query(
            pattern=r"^[^\x00-\x1f\x7f]{1,200}$",
            description="Images of this domain; default those without a domain, or the first domain's.",
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PredictionPage:
    """Return the run's panel images of a domain, the same after every step, each with the predictions of the steps done
    so far."""
    with database.read() as session:
        return predictions.list_page(session, run_id, domain=domain, cursor=cursor, limit=limit)


@router.get(
    "/predictions/{prediction_id}/{picture}",
    operation_id="show_prediction_picture",
    summary="Picture, ground truth or prediction of a panel image",
    response_class=Response,
    responses=ANSWERS,
)
def show_prediction_picture(
    prediction_id: PredictionId,
    picture: predictions.Picture,
    request: Request,
    database: DatabaseDep,
    storage: StorageDep,
) -> Response:
    """Return the evaluated picture as PNG, or the ground truth or prediction: an index PNG of raw ids of the picture's
    size, or of instances a list of objects as JSON."""
    with database.read() as session:
        row = predictions.find(session, prediction_id)
    sha256, name = predictions.digest_of(row, picture), f"step-{row.step}-{row.rank:02d}-{picture}"
    if predictions.is_list(row, picture):
        file = stored_file(storage, sha256, size=None, name=f"{name}.json", media_type="application/json")
        return file_response(request, file, is_inline=True)
    return picture_response(request, storage, sha256, f"{name}.png")
