"""The replay memory: its items and their pictures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from server.dependencies import (
    Cursor,
    DatabaseDep,
    Limit,
    MemoryItemId,
    MemoryPasteId,
    RunId,
    StageId,
    StorageDep,
)
from server.routes.answers import failures
from server.routes.content import JPEG_ANSWERS, PICTURE_ANSWERS, jpeg_response, picture_response
from server.schemas.memory import MemoryEntry, MemoryItemsQuery, MemoryMatrix, MemoryPage, MemoryPastes
from server.services.memory import items, matrix

router = APIRouter(tags=["memory"])


@router.get(
    "/runs/{run_id}/memory",
    operation_id="show_memory_matrix",
    summary="The memory after each stage, by class",
    responses=failures(404),
)
def show_memory_matrix(run_id: RunId, database: DatabaseDep) -> MemoryMatrix:
    """Return counts and bytes of each class after each stage, the budget, and the classes that have no item."""
    with database.read() as session:
        return matrix.memory_matrix(session, run_id)


@router.get(
    "/stages/{stage_id}/memory-items",
    operation_id="list_memory_items",
    summary="The memory after a stage",
    responses=failures(404, 422),
)
def list_memory_items(
    stage_id: StageId, database: DatabaseDep, query: Annotated[MemoryItemsQuery, Query()]
) -> MemoryPage:
    """Return the stored instances, by default all in the order of their selection."""
    with database.read() as session:
        return items.list_page(session, stage_id, query)


@router.get(
    "/memory-items/{item_id}", operation_id="show_memory_item", summary="Show a memory item", responses=failures(404)
)
def show_memory_item(item_id: MemoryItemId, database: DatabaseDep) -> MemoryEntry:
    """Return one stored instance."""
    with database.read() as session:
        return items.show(session, item_id)


@router.get(
    "/memory-items/{item_id}/thumbnail",
    operation_id="show_memory_thumbnail",
    summary="Small picture of a memory item",
    response_class=Response,
    responses=PICTURE_ANSWERS,
)
def show_memory_thumbnail(
    item_id: MemoryItemId, request: Request, database: DatabaseDep, storage: StorageDep
) -> Response:
    """Return the instance on a plain backdrop, as PNG."""
    with database.read() as session:
        item = items.find(session, item_id)
    return picture_response(request, storage, item.thumbnail_sha256, f"{item.item_id}-thumbnail.png")


@router.get(
    "/memory-items/{item_id}/crop",
    operation_id="show_memory_crop",
    summary="Stored crop of a memory item",
    response_class=Response,
    responses=PICTURE_ANSWERS,
)
def show_memory_crop(item_id: MemoryItemId, request: Request, database: DatabaseDep, storage: StorageDep) -> Response:
    """Return the part of the source image inside the item's box, as PNG."""
    with database.read() as session:
        item = items.find(session, item_id)
    return picture_response(request, storage, item.crop_sha256, f"{item.item_id}-crop.png")


@router.get(
    "/memory-items/{item_id}/label",
    operation_id="show_memory_label",
    summary="Stored label of a memory item",
    response_class=Response,
    responses=PICTURE_ANSWERS,
)
def show_memory_label(item_id: MemoryItemId, request: Request, database: DatabaseDep, storage: StorageDep) -> Response:
    """Return the raw ids of the kept classes inside the box, as an index PNG with 255 elsewhere."""
    with database.read() as session:
        item = items.find(session, item_id)
    return picture_response(request, storage, item.label_sha256, f"{item.item_id}-label.png")


@router.get(
    "/memory-items/{item_id}/source",
    operation_id="show_memory_source",
    summary="Source image of a memory item",
    response_class=Response,
    responses=JPEG_ANSWERS,
)
def show_memory_source(item_id: MemoryItemId, request: Request, database: DatabaseDep, storage: StorageDep) -> Response:
    """Return the image that the item was cut from as JPEG, its longest side at most 512 px."""
    with database.read() as session:
        item = items.find(session, item_id)
    return jpeg_response(request, storage, item.source_sha256, f"{item.item_id}-source.jpg")


@router.get(
    "/memory-items/{item_id}/pastes",
    operation_id="list_memory_pastes",
    summary="Where a memory item was pasted",
    responses=failures(404, 422),
)
def list_memory_pastes(
    item_id: MemoryItemId, database: DatabaseDep, cursor: Cursor = None, limit: Limit = 50
) -> MemoryPastes:
    """Return how often each stage of the run pasted the item, and a few training images into which it was pasted."""
    with database.read() as session:
        return items.list_pastes(session, item_id, cursor=cursor, limit=limit)


@router.get(
    "/memory-pastes/{paste_id}/picture",
    operation_id="show_memory_paste_picture",
    summary="Training image with a paste",
    response_class=Response,
    responses=JPEG_ANSWERS,
)
def show_memory_paste_picture(
    paste_id: MemoryPasteId, request: Request, database: DatabaseDep, storage: StorageDep
) -> Response:
    """Return the training image with everything that was pasted into it as JPEG, its longest side at most 512 px."""
    with database.read() as session:
        paste = items.find_paste(session, paste_id)
    return jpeg_response(request, storage, paste.picture_sha256, f"{paste.item_id}-paste.jpg")
