"""What is shown of a query: its picture, and the maps that lie over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from core.acquisition.catalog import SuperpixelSize
from server.db import models
from server.db.session import Database
from server.dependencies import AnnotationId, DatabaseDep, QueryId, SettingsDep, StorageDep
from server.errors import NotFoundError
from server.routes.answers import failures
from server.routes.content import JPEG_ANSWERS, PICTURE_ANSWERS, immutable_response, jpeg_response, picture_response
from server.services.rounds import queries
from server.services.rounds.query_pictures import QueryLayer, thumbnail
from server.services.small_pictures import PictureSize
from server.settings import Settings
from server.storage import Storage

router = APIRouter(tags=["queries"])

_WEBP = {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}}
_PNG_ANSWERS: dict[int | str, dict[str, Any]] = PICTURE_ANSWERS | failures(422)
_JPEG_OR_WEBP_ANSWERS: dict[int | str, dict[str, Any]] = (
    JPEG_ANSWERS
    | {200: {**JPEG_ANSWERS[200], "content": JPEG_ANSWERS[200]["content"] | _WEBP["content"]}}
    | failures(422)
)


@dataclass(frozen=True)
class Shown:
    """A request for something of a query, and where it lies."""

    request: Request
    database: Database
    storage: Storage
    settings: Settings
    size: PictureSize

    def query(self, query_id: str) -> models.Query:
        """Return one query; raises NotFoundError."""
        with self.database.read() as session:
            return queries.find(session, query_id)

    def answer(self, sha256: str, layer: QueryLayer, name: str) -> Response:
        """Answer with what is stored, or with a small copy of it; raises ContentMissingError."""
        if self.size == "thumbnail":
            small = thumbnail(self.storage, sha256, layer, data_home=self.settings.cache_folder)
            return immutable_response(self.request, small)
        respond = jpeg_response if layer is QueryLayer.PICTURE else picture_response
        return respond(self.request, self.storage, sha256, name)


async def get_shown(
    request: Request,
    database: DatabaseDep,
    storage: StorageDep,
    settings: SettingsDep,
    size: Annotated[
        PictureSize, Query(description="`thumbnail`: at most 256 pixels a side, `full`: as it is stored.")
    ] = "full",
) -> Shown:
    """Return what the request is for."""
    return Shown(request, database, storage, settings, size)


ShownDep = Annotated[Shown, Depends(get_shown)]


@router.get(
    "/queries/{query_id}/picture",
    operation_id="show_query_picture",
    summary="The queried image",
    response_class=Response,
    responses=_JPEG_OR_WEBP_ANSWERS,
)
def show_query_picture(query_id: QueryId, shown: ShownDep) -> Response:
    """Return the image at its own size, as JPEG; a small one as WebP."""
    query = shown.query(query_id)
    return shown.answer(query.picture_sha256, QueryLayer.PICTURE, f"{query.id}.jpg")


@router.get(
    "/queries/{query_id}/region",
    operation_id="show_query_region",
    summary="The queried pixels of an image",
    response_class=Response,
    responses=_PNG_ANSWERS,
)
def show_query_region(query_id: QueryId, shown: ShownDep) -> Response:
    """Return an 8-bit PNG, 255 where a pixel is queried; there is none where the whole image is."""
    query = shown.query(query_id)
    if query.mask_sha256 is None:
        raise NotFoundError("region of query", query_id, "; the whole image is queried")
    return shown.answer(query.mask_sha256, QueryLayer.REGION, f"{query.id}-region.png")


@router.get(
    "/queries/{query_id}/proposal",
    operation_id="show_query_proposal",
    summary="What the teacher would answer",
    response_class=Response,
    responses=_PNG_ANSWERS,
)
def show_query_proposal(query_id: QueryId, shown: ShownDep) -> Response:
    """Return the teacher's prediction as an index PNG of raw ids."""
    query = shown.query(query_id)
    return shown.answer(query.proposal_sha256, QueryLayer.LABELS, f"{query.id}-proposal.png")


@router.get(
    "/queries/{query_id}/uncertainty",
    operation_id="show_query_uncertainty",
    summary="Where the teacher is uncertain",
    response_class=Response,
    responses=_PNG_ANSWERS,
)
def show_query_uncertainty(query_id: QueryId, shown: ShownDep) -> Response:
    """Return an 8-bit PNG, 255 for a pixel that could be any class alike."""
    query = shown.query(query_id)
    return shown.answer(query.uncertainty_sha256, QueryLayer.UNCERTAINTY, f"{query.id}-uncertainty.png")


@router.get(
    "/queries/{query_id}/superpixels",
    operation_id="show_query_superpixels",
    summary="Pieces of similar colour",
    response_class=Response,
    responses=_PNG_ANSWERS,
)
def show_query_superpixels(
    query_id: QueryId,
    request: Request,
    database: DatabaseDep,
    storage: StorageDep,
    grain: Annotated[SuperpixelSize, Query(description="How large the pieces are.")],
) -> Response:
    """Return a 16-bit grey PNG of the image's size: which superpixel a pixel belongs to. Each is connected."""
    with database.read() as session:
        query = queries.find(session, query_id)
    sha256: str | None = getattr(query, f"superpixels_{grain}_sha256")
    if sha256 is None:
        raise NotFoundError("superpixels of query", query_id, "; they are made where people are to answer")
    return picture_response(request, storage, sha256, f"{query.id}-superpixels-{grain}.png")


@router.get(
    "/queries/{query_id}/answer",
    operation_id="show_query_answer",
    summary="The answer to a query",
    response_class=Response,
    responses=_PNG_ANSWERS,
)
def show_query_answer(
    query_id: QueryId,
    shown: ShownDep,
    version: Annotated[int, Query(ge=1, le=1_000_000, description="Which version; `version` of the query tells.")],
) -> Response:
    """Return one version of the answer as an index PNG of raw ids."""
    with shown.database.read() as session:
        annotation = queries.find_answer(session, query_id, version)
    return shown.answer(annotation.mask_sha256, QueryLayer.LABELS, f"{query_id}-v{version}.png")


@router.get(
    "/annotations/{annotation_id}/mask",
    operation_id="show_annotation_mask",
    summary="Labels of an annotation",
    response_class=Response,
    responses=_PNG_ANSWERS,
)
def show_annotation_mask(annotation_id: AnnotationId, shown: ShownDep) -> Response:
    """Return the index PNG of raw ids, with the ignore id outside of the queried pixels."""
    with shown.database.read() as session:
        annotation = queries.find_annotation(session, annotation_id)
    name = f"{annotation.query_id}-v{annotation.version}.png"
    return shown.answer(annotation.mask_sha256, QueryLayer.LABELS, name)


@router.get(
    "/annotations/{annotation_id}/sources",
    operation_id="show_annotation_sources",
    summary="Where the labels of an annotation come from",
    response_class=Response,
    responses=_PNG_ANSWERS,
)
def show_annotation_sources(annotation_id: AnnotationId, shown: ShownDep) -> Response:
    """Return an index PNG: 0 no label, 1 the teacher's, left as it was, 2 a person's, 3 of a model that was guided."""
    with shown.database.read() as session:
        annotation = queries.find_annotation(session, annotation_id)
    if annotation.sources_sha256 is None:
        raise NotFoundError("sources of annotation", annotation_id, "; nobody noted them")
    name = f"{annotation.query_id}-v{annotation.version}-sources.png"
    return shown.answer(annotation.sources_sha256, QueryLayer.LABELS, name)
