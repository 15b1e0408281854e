"""Prediction panels: test images through the model of every step."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.dependencies import Cursor, DatabaseDep, Limit, PredictionId, RunId, StorageDep
from server.routes.answers import failures
from server.routes.content import PICTURE_ANSWERS, picture_response
from server.schemas.predictions import PredictionPage
from server.services import predictions

router = APIRouter(tags=["predictions"])


@router.get(
    "/runs/{run_id}/predictions",
    operation_id="list_predictions",
    summary="Panel images and what every step made of them",
    responses=failures(404, 422),
)
def list_predictions(run_id: RunId, database: DatabaseDep, cursor: Cursor = None, limit: Limit = 50) -> PredictionPage:
    """Return the run's panel images, the same after every step, each with the predictions of the steps done so far."""
    with database.read() as session:
        return predictions.list_page(session, run_id, cursor=cursor, limit=limit)


@router.get(
    "/predictions/{prediction_id}/{picture}",
    operation_id="show_prediction_picture",
    summary="Picture, ground truth or prediction of a panel image",
    response_class=Response,
    responses=PICTURE_ANSWERS,
)
def show_prediction_picture(
    prediction_id: PredictionId,
    picture: predictions.Picture,
    request: Request,
    database: DatabaseDep,
    storage: StorageDep,
) -> Response:
    """Return the evaluated picture as PNG, or the raw ids of ground truth or prediction as an index PNG of its size."""
    with database.read() as session:
        row = predictions.find(session, prediction_id)
    sha256 = predictions.digest_of(row, picture)
    return picture_response(request, storage, sha256, f"step-{row.step}-{row.rank:02d}-{picture}.png")
