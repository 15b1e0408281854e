"""The replay memory: its items and their pictures."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from server.dependencies import Cursor, DatabaseDep, Limit, MemoryItemId, StageId, StorageDep
from server.routes.answers import failures
from server.routes.content import file_response
from server.schemas.memory import MemoryEntry, MemoryPage
from server.services import artifacts, memory

router = APIRouter(tags=["memory"])

PNG = {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
PICTURE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", **PNG},
    206: {"description": "The part that the Range header asks for", **PNG},
    304: {"description": "The picture that the reader has is the stored one"},
    **failures(404, 410, 416),
}


@router.get(
    "/stages/{stage_id}/memory-items",
    operation_id="list_memory_items",
    summary="The memory after a stage",
    responses=failures(404, 422),
)
def list_memory_items(
    stage_id: StageId,
    database: DatabaseDep,
    class_id: Annotated[int | None, Query(ge=0, le=255, description="Only items drawn for this class.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MemoryPage:
    """Return the stored instances in the order of their selection, and how many each class has."""
    with database.read() as session:
        return memory.list_page(session, stage_id, class_id=class_id, cursor=cursor, limit=limit)


@router.get(
    "/memory-items/{item_id}", operation_id="show_memory_item", summary="Show a memory item", responses=failures(404)
)
def show_memory_item(item_id: MemoryItemId, database: DatabaseDep) -> MemoryEntry:
    """Return one stored instance."""
    with database.read() as session:
        return memory.show(session, item_id)


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
        item = memory.find(session, item_id)
    return _picture(request, storage, item.thumbnail_sha256, f"{item.item_id}-thumbnail.png")


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
        item = memory.find(session, item_id)
    return _picture(request, storage, item.crop_sha256, f"{item.item_id}-crop.png")


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
        item = memory.find(session, item_id)
    return _picture(request, storage, item.label_sha256, f"{item.item_id}-label.png")


def _picture(request: Request, storage: StorageDep, sha256: str, name: str) -> Response:
    file = artifacts.stored_file(storage, sha256, size=None, name=name, media_type="image/png")
    return file_response(request, file, is_inline=True)
